"""What is wrong with the server is said in the hall, in both languages, and is gone when it is over."""

import pytest
from playwright.async_api import expect

from api.keeping.postgres.cluster import Cluster
from tests.browser.county import County
from tests.browser.screens import Screens
from tests.browser.test_access import axe, findings
from tests.faults.feed_breaking import stopped

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = {
    "zh-CN": {"database.away": "数据库无响应", "source.failing": "账号“source”发来的数据大多不合格"},
    "en-GB": {"database.away": "Database not responding", "source.failing": "Most data from account source is invalid"},
}
RUBBISH = b'{"source": "hotline"}\n' * 40
WHILE_CUT = r"net::ERR_"
WHILE_AWAY = r"status of 503"
"""What a browser logs of its own accord when nobody answers, and when it is refused."""


async def test_a_source_that_sends_rubbish_is_named_until_it_is_put_away(
    screens: Screens, county: County, axe: str
) -> None:
    hall, wall = await screens.hall(), await screens("/wall", user="wall")
    await county.call("source", "POST", "/api/incidents/batch", content=RUBBISH)
    trouble = hall.find("trouble", code="source.failing")
    await expect(hall.find("link-health", state="live")).to_be_visible()
    async for locale in hall.in_each_language():
        await expect(trouble).to_contain_text(WORDS[locale]["source.failing"])
        assert await findings(hall, axe) == []
    await trouble.get_by_role("button").click()
    await expect(trouble).to_have_count(0)
    await wall.ready()
    await expect(wall.find("trouble")).to_have_count(0)


async def test_cameras_that_could_not_be_fetched_are_not_told_as_none(screens: Screens, county: County) -> None:
    hall = await screens.hall(tolerated=WHILE_CUT)
    reported = await county.report("Smoke over the mill")
    await expect(hall.find("queue-row", incident=reported["id"])).to_be_visible()
    await hall.page.route("**/api/incidents/*/cameras*", lambda route: route.abort())
    await hall.press("j", "Enter")
    await expect(hall.find("candidate").first).to_be_visible()
    await expect(hall.find("incident")).to_contain_text("视频点位加载失败")


async def test_a_database_that_stands_still_is_told_of_and_the_hall_goes_on_by_itself(
    screens: Screens, county: County, cluster: Cluster
) -> None:
    hall, phone = await screens.hall(tolerated=WHILE_AWAY), await screens.phone(tolerated=WHILE_AWAY)
    before = await county.report("Before it stood still")
    await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()
    await hall.page.evaluate("() => { window.same = true; }")
    with stopped(cluster):
        async for locale in hall.in_each_language():
            await expect(hall.find("trouble", code="database.away")).to_contain_text(WORDS[locale]["database.away"])
        for screen in (hall, phone):
            await expect(screen.find("link-health", state="stale")).to_be_visible()
        await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()
    await expect(hall.find("trouble", code="database.away")).to_have_count(0)
    after = await county.report("Since it goes on", east=0.004)
    for screen in (hall, phone):
        await expect(screen.find("link-health", state="live")).to_be_visible()
    await expect(hall.find("queue-row", incident=after["id"])).to_be_visible()
    assert await hall.page.evaluate("() => window.same"), "the page was loaded anew"
