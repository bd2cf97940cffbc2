"""The roster: laid by pattern, read by anyone, changed, swapped and cancelled, by keys and in both languages."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.screens import Screens
from tests.browser.test_access import axe, findings

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

ENGLISH = "English，切换为英文"


async def force(county: County, kind: str) -> dict[str, Any]:
    listed = await county.call("operator", "GET", f"/api/forces?kind={kind}&limit=1")
    found: dict[str, Any] = listed["items"][0]
    return found


async def test_a_supervisor_lays_a_pattern_and_a_clerk_reads_who_is_there(
    screens: Screens, county: County, axe: str
) -> None:
    mediator = await force(county, "mediator")
    town = mediator["division_path"].split(".")[1]
    screen = await screens("/roster", user="supervisor")
    await expect(screen.find("roster", span="week")).to_be_visible()
    await expect(screen.find("roster-lay")).to_be_visible()
    assert await findings(screen, axe) == []
    await screen.press("p")
    await screen.find("roster-form", doing="lay").locator("select").select_option("on_call")
    who = screen.find("roster-form").get_by_role("combobox").nth(1)
    await who.fill(mediator["name"])
    await screen.page.locator("[role=listbox] [role=option]").first.click()
    assert await findings(screen, axe) == []
    await screen.find("roster-form").get_by_role("button", name="保存").click()
    await expect(screen.find("roster-said")).to_contain_text("新排")
    await screen.press("ArrowRight")
    area = screen.find("area", area=town)
    await area.get_by_role("button").click()
    await expect(screen.find("shift").first).to_contain_text("00:00–24:00")
    await screen.find("roster-way", way="resident").click()
    await expect(screen.find("shift")).to_have_count(0)
    assert "attendance=resident" in screen.page.url
    await screen.find("roster-way", way="on_call").click()
    await screen.find("shift").first.click()
    await expect(screen.find("roster-side")).to_contain_text(mediator["name"])
    await screen.find("roster-side").get_by_role("button", name="取消班次").click()
    await expect(screen.find("roster-said")).to_have_text("已取消")

    await screen.press("e")
    file = screen.find("roster-file")
    at = {"day": "2031-05-06", "who": mediator["code"]}
    sheet = "日期,编号,在岗方式,开始,结束\n{day},{who},轮驻,22:00,06:00\n{day},{who},轮驻,22:00,24:00\n".format(**at)
    await file.set_input_files({"name": "值班.csv", "mimeType": "text/csv", "buffer": sheet.encode("gb18030")})
    await expect(screen.find("roster-faults")).to_contain_text("第 3 行，开始：与第 2 行是同一个跨零点的班")
    assert await findings(screen, axe) == []
    good = sheet.rpartition(at["day"])[0]
    await file.set_input_files({"name": "good.csv", "mimeType": "text/csv", "buffer": good.encode()})
    await expect(screen.find("roster-would")).to_contain_text("将新增 1 条")
    await screen.find("roster-take").click()
    await expect(screen.find("roster-said")).to_contain_text("已新增 1 条")

    await screen.press("s")
    await expect(screen.find("roster-feed", state="none")).to_be_visible()
    await screen.find("roster-feed-make").click()
    link = await screen.find("roster-feed-link").input_value()
    async with httpx.AsyncClient() as phone:
        assert "BEGIN:VCALENDAR" in (await phone.get(link)).text
        assert await findings(screen, axe) == []
        await screen.find("roster-feed-stop").click()
        await expect(screen.find("roster-feed", state="none")).to_contain_text("已停用")
        assert (await phone.get(link)).status_code == 404

    clerk = await screens("/roster", user="clerk")
    await clerk.press("ArrowRight")
    await clerk.find("area", area=town).get_by_role("button").click()
    await expect(clerk.find("roster-row").first).to_contain_text("姓名不公开")
    await expect(clerk.find("roster-add")).to_have_count(0)
    await clerk.page.get_by_role("button", name=ENGLISH).click()
    await clerk.press("m")
    await expect(clerk.find("roster", span="month")).to_be_visible()
    await expect(clerk.find("roster-row").first).to_contain_text("name not shown")
    assert await findings(clerk, axe) == []
    await clerk.press("e")
    await expect(clerk.find("roster-file")).to_have_count(0)
    await clerk.find("roster-files").locator("select").select_option("ics")
    async with clerk.page.expect_download() as saving:
        await clerk.find("roster-export").click()
    saved = await saving.value
    assert saved.suggested_filename.endswith(".ics")
    text = (await asyncio.to_thread(Path(await saved.path()).read_bytes)).decode()
    assert "(name not shown) · On call" in text and mediator["name"] not in text
