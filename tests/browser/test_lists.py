"""Follow-up and lists: a follow-up worker's day by keys, and the dissatisfied list."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.screens import Screens
from tests.browser.test_access import axe, findings
from tests.browser.test_front_desk import case_of

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

ENGLISH = "English，切换为英文"


async def move(county: County, user: str, incident: int, **form: Any) -> None:
    case = await case_of(county, user, incident)
    headers = {"If-Match": f'"{case["version"]}"'}
    await county.call(user, "POST", f"/api/incidents/{incident}/moves", json=form, headers=headers)


async def ended(county: County, title: str) -> int:
    """A hard case that has ended."""
    incident = int((await county.report(title))["id"])
    await move(county, "operator", incident, move="close_at_desk", outcome="settled")
    return incident


async def due(county: County, cases: int) -> None:
    """Wait until so many cases are drawn and due."""
    county.let_follow_ups_be_due()
    while (await county.call("interviewer", "GET", "/api/follow-ups/figures"))["due"] < cases:
        county.let_follow_ups_be_due()


async def test_a_follow_up_worker_asks_by_keys_and_the_dissatisfied_case_is_mended_and_asked_about_again(
    screens: Screens, county: County, axe: str
) -> None:
    first, second = [await ended(county, title) for title in ("楼上漏水", "院墙争议")]
    await due(county, 2)
    screen = await screens("/", user="interviewer")
    await expect(screen.find("lists", tab="follow_up")).to_be_visible()
    await expect(screen.find("follow-up-row")).to_have_count(2)
    await expect(screen.find("figure-due")).to_contain_text("2")
    await expect(screen.find("draws")).to_contain_text("难事联办全访")
    assert await findings(screen, axe) == []

    await screen.press("j")
    await expect(screen.find("follow-up-form")).to_be_visible()
    await expect(screen.find("follow-up-why")).to_contain_text("100%")
    await expect(screen.find("move-form", move="follow_up")).to_be_visible()
    await screen.press("m")
    await expect(screen.page.locator("[data-field$=way] input:focus")).to_be_visible()
    # By phone, reached, not refused; satisfied with the attitude, not with the result.
    await screen.press("Tab", "Space", "Tab", "Tab", "Space", "Tab", "Tab", "ArrowUp")
    assert await findings(screen, axe) == []
    await screen.press("Control+Enter")
    await expect(screen.find("follow-up-row")).to_have_count(1)
    await expect(screen.find("follow-up-row", case=second)).to_have_attribute("aria-current", "true")
    assert (await case_of(county, "supervisor", first))["stage"] == "mending"
    # Reached again, and will not answer.
    await expect(screen.page.locator("[data-field$=way] input:focus")).to_be_visible()
    await screen.press("Tab", "Space", "Tab", "Space", "Control+Enter")
    await expect(screen.find("follow-up-row")).to_have_count(0)
    await screen.find("follow-up-list", list="refused").click()
    await expect(screen.find("follow-up-row", case=second, standing="refused")).to_be_visible()
    await expect(screen.find("draws").get_by_role("columnheader", name="拒绝回访")).to_be_visible()

    await screen.find("lists-tab", tab="dissatisfied").click()
    await expect(screen.find("follow-up-row", case=first, standing="mending")).to_be_visible()
    await move(county, "operator", first, move="report_result", note="修好了", result_told=True)
    await move(county, "clerk", first, move="close", outcome="settled")
    await expect(screen.find("follow-up-row", case=first, standing="again")).to_be_visible()
    await screen.page.get_by_role("button", name=ENGLISH).click()
    await screen.press("j")
    await expect(screen.page.get_by_text("Dissatisfied").first).to_be_visible()
    assert await findings(screen, axe) == []

    county.let_follow_ups_be_due()
    await screen.find("lists-tab", tab="follow_up").click()
    await screen.find("follow-up-row", case=first).click()
    await expect(screen.find("follow-up-why")).to_contain_text("once more")
    await expect(screen.find("move-form")).to_be_visible()
    await screen.press("m")
    await screen.press("Tab", "Space", "Tab", "Tab", "Space", "Control+Enter")
    await expect(screen.find("follow-up-row", case=first)).to_have_count(0)
    await expect(screen.find("figure-mended")).to_contain_text("1")
    assert (await case_of(county, "supervisor", first))["satisfied"] == "yes"


async def test_a_monthly_list_is_gathered_and_an_entry_handed_over_and_answered(
    screens: Screens, county: County, axe: str
) -> None:
    await county.report("电动车堵塞消防通道", category="hazard.fire", risk="low")
    screen = await screens("/lists?tab=list.screening", user="operator")
    await expect(screen.find("monthly", list="screening")).to_be_visible()
    await screen.find("gather").click()
    await expect(screen.find("entry-row")).to_have_count(1)
    await screen.press("n")
    await screen.page.keyboard.type("河道护栏松动")
    await screen.press("Enter")
    await expect(screen.find("entry-row", standing="new")).to_have_count(2)
    assert await findings(screen, axe) == []

    await screen.find("entry-row").first.click()
    await screen.press("m")
    await screen.page.keyboard.type("Testing")
    await screen.press("ArrowDown", "Enter", "Tab")
    await screen.page.keyboard.type("请现场查看")
    await screen.find("entry-hand-over-send").click()
    await expect(screen.find("entry-row", standing="waiting")).to_have_count(1)
    await expect(screen.find("entry-answer")).to_be_visible()
    await screen.press("m")
    await screen.page.keyboard.type("已清理通道")
    await screen.page.get_by_role("button", name="提交答复").click()
    await expect(screen.find("entry-row", standing="answered")).to_have_count(1)
    await expect(screen.find("entry-standing", standing="answered")).to_contain_text("1")
    await screen.find("lists-tab", tab="duty").click()
    await expect(screen.find("on-duty")).to_be_visible()
    assert await findings(screen, axe) == []
