"""What is changing, in the browser: a warning opens its incidents and is answered by keys; axe finds nothing."""

from datetime import timedelta

import pytest
from playwright.async_api import expect

from geo.cells import cell_of
from tests.browser.county import County
from tests.browser.screens import Screens
from tests.browser.test_access import axe, findings

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

RISEN, OTHER = "dispute.labour", "dispute.neighbour"


async def test_a_leaders_deputy_opens_what_rose_and_says_what_became_of_it(
    screens: Screens, county: County, axe: str
) -> None:
    await county.within_one_day()
    for number in range(3):
        await county.report(f"欠薪 {number}", category=RISEN)
    today = (await county.now()).date()
    sunday = today + timedelta(days=6 - today.weekday())
    west, root = county.world.west, county.world.root
    county.keep_week(
        sunday, (RISEN, west, 3, True), (OTHER, root, 0, False), cell=cell_of(*county.world.middle_of(west), 8)
    )
    screen = await screens("/changes", user="supervisor")
    await expect(screen.find("warning")).to_have_count(2)
    await expect(screen.find("warning", told="true")).to_contain_text("上周 3 件，按往年应约 1.2 件")
    await expect(screen.find("warning-incidents", shown=3)).to_be_visible()
    await expect(screen.find("warning-incident")).to_have_count(3)
    await expect(screen.find("left-out")).to_contain_text("1")
    await expect(screen.find("clusters")).to_contain_text("近 14 天 12 件")
    await expect(screen.find("kinds").locator("tbody tr").first).to_be_visible()
    assert await findings(screen, axe) == []
    await screen.press("ArrowDown", "ArrowDown")
    await expect(screen.find("warning-incident")).to_have_count(0)
    await screen.press("ArrowUp", "a", "ArrowDown", "Tab")
    await screen.page.keyboard.type("工地工资专户已查明，人社局今日约谈。")
    await screen.press("Tab", "Enter")
    await expect(screen.find("warning-answer")).to_contain_text("有已知原因")
    await expect(screen.find("warning", told="true")).to_contain_text("有已知原因")
    assert await findings(screen, axe) == []
    clerk = await screens("/changes", user="operator")
    await expect(clerk.find("warning-answer")).to_contain_text("工地工资专户已查明")
