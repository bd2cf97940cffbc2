"""The server goes away and comes back: the hall says so, and mends itself."""

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.screens import Screens

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHILE_AWAY = r"net::ERR_|WebSocket connection"
"""What a browser logs of its own accord when nobody answers."""


@pytest.fixture
def locale() -> str:
    """One language is enough: no word is looked at."""
    return "zh-CN"


async def test_a_killed_server_is_told_of_and_its_return_needs_no_reload(screens: Screens, county: County) -> None:
    hall = await screens.hall(tolerated=WHILE_AWAY)
    before = await county.report("Before the cut")
    await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()
    await hall.page.evaluate("() => { window.same = true; }")

    await county.server.kill()
    await expect(hall.find("link-health", state="live")).to_have_count(0)
    assert await hall.find("link-health").get_attribute("data-state") in ("down", "stale", "connecting")
    await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()

    await county.server.start()
    meanwhile = await county.report("While the hall was away", east=0.004)
    await expect(hall.find("link-health", state="live")).to_be_visible()
    await expect(hall.find("queue-row", incident=meanwhile["id"])).to_be_visible()
    await expect(hall.find("queue-row", incident=before["id"])).to_be_visible()
    assert await hall.page.evaluate("() => window.same"), "the page was loaded anew"
