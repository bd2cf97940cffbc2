"""The front desk 导服台 and the page of a case: a visit from its registration by keys to the archive."""

from typing import Any

import pytest
from playwright.async_api import Request, Route, expect

from tests.browser.county import County
from tests.browser.desk_day import Day, visits
from tests.browser.screens import Screen, Screens
from tests.browser.test_access import axe, findings
from tests.worlds import PASSWORD

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

AWAY = r"net::ERR_|WebSocket connection|status of (401|409|412|422)"
"""What a browser logs of its own accord when nobody answers, and of refusals that the test provokes."""
LEAK = "楼上漏水，邻居不肯修"
ENGLISH = "English，切换为英文"


async def incidents(county: County, title: str) -> list[dict[str, Any]]:
    listed = await county.call("operator", "GET", "/api/incidents?limit=1000")
    return [one for one in listed["items"] if one["title"] == title]


async def case_of(county: County, user: str, incident: int) -> dict[str, Any]:
    found: dict[str, Any] = await county.call(user, "GET", f"/api/incidents/{incident}/case")
    return found


async def written(desk: Screen, title: str, grid: str) -> None:
    """Fill the form in by keys alone: Enter goes on, and takes the suggested category and the grid."""
    await expect(desk.page.locator("#visit-title")).to_be_focused()
    await desk.page.keyboard.type(title)
    await expect(desk.find("kinds")).to_be_visible()
    await desk.press("Enter")
    await expect(desk.page.locator("#visit-category")).to_be_focused()
    await desk.press("Enter")
    await expect(desk.page.locator("#visit-place")).to_be_focused()
    await desk.page.keyboard.type(grid)
    await desk.press("ArrowDown", "Enter", "Enter")
    await expect(desk.page.locator("#visit-description")).to_be_focused()


async def confirmed(screen: Screen, move: str) -> None:
    """Confirm the open form by keys, and wait until the server has made the move."""
    await expect(screen.find("move-form", move=move)).to_be_visible()
    await screen.press("Control+Enter")
    await expect(screen.find("move-form")).to_have_count(0)
    await expect(screen.find("move-made")).to_be_visible()


async def test_a_visit_goes_from_the_desk_to_the_archive_by_keys(screens: Screens, county: County, axe: str) -> None:
    desk = await screens("/", user="clerk_west", tolerated=AWAY)
    await expect(desk.find("desk")).to_be_visible()
    grid = county.world.west.rpartition(".")[2]
    await written(desk, LEAK, grid)
    await desk.press("Shift+Tab", "ArrowRight", "ArrowRight", "ArrowRight")
    await expect(desk.find("kinds")).to_have_count(0)
    assert await findings(desk, axe) == []
    await desk.press("Control+Enter", "Control+Enter", "Control+Enter")
    await expect(desk.find("slip")).to_be_visible()
    [incident] = await incidents(county, LEAK)
    assert (incident["category"], incident["risk"]) == ("dispute.neighbour", "high")
    assert await desk.find("slip").get_attribute("data-code") == incident["case_code"]

    await expect(desk.find("suggested")).to_be_visible()
    await desk.press("t")
    await confirmed(desk, "triage")
    await desk.find("move", move="dispatch").click()
    await desk.press("Control+Enter")
    await expect(desk.find("field-error").first).to_be_visible()
    for condition in ("within_scope", "party_known"):
        await desk.page.locator(f"[name={condition}]").check()
    await confirmed(desk, "dispatch")
    await expect(desk.find("case-row", case=incident["id"])).to_have_count(0)
    assert await findings(desk, axe) == []

    page = await screens(f"/case/{incident['id']}", user="operator", tolerated=AWAY)
    await expect(page.find("case-page", stage="routed")).to_be_visible()
    await page.press("m")
    await confirmed(page, "accept")
    await page.page.get_by_role("button", name=ENGLISH).click()
    await page.find("move", move="report_result").click()
    await page.page.keyboard.type("The pipe is mended")
    case = await case_of(county, "operator", incident["id"])
    await county.call(
        "operator",
        "POST",
        f"/api/incidents/{incident['id']}/moves",
        json={"move": "procedure", "procedure": "mediation"},
        headers={"If-Match": f'"{case["version"]}"'},
    )
    await expect(page.find("case-people")).to_contain_text("Mediation")
    await expect(page.page.locator("[data-testid=move-form] textarea")).to_have_value("The pipe is mended")
    await page.page.locator("[name=result_told]").check()
    await page.press("Control+Enter")
    await expect(page.find("case-page", stage="feedback")).to_be_visible()
    await expect(page.find("timeline")).to_contain_text("Report the result")
    await expect(page.find("timeline")).to_contain_text("The pipe is mended")
    await expect(page.find("move-barred", move="close", reason="own_handling")).to_be_visible()
    assert await findings(page, axe) == []

    await desk.find("move", move="close").click()
    await desk.find("move-form").locator("select").first.select_option("agreed")
    await confirmed(desk, "close")
    case = await case_of(county, "supervisor", incident["id"])
    await county.call(
        "supervisor",
        "POST",
        f"/api/incidents/{incident['id']}/moves",
        json={"move": "follow_up", "way": "phone", "reached": True, "result": "satisfied"},
        headers={"If-Match": f'"{case["version"]}"'},
    )
    await desk.find("move", move="archive").click()
    await confirmed(desk, "archive")
    await expect(page.find("case-page", stage="archived")).to_be_visible()


async def test_a_visit_is_registered_once_whatever_happens_on_the_way(screens: Screens, county: County) -> None:
    desk = await screens("/desk", user="clerk_west", tolerated=AWAY)
    grid = county.world.west.rpartition(".")[2]

    async def lose_the_answer(route: Route, request: Request) -> None:
        """The server registers it, and is killed before it answers."""
        await route.fetch()
        await county.server.kill()
        await route.abort()

    await desk.page.route("**/api/incidents", lose_the_answer, times=1)
    await written(desk, "欠薪三个月", grid)
    await desk.press("Control+Enter", "Control+Enter", "Control+Enter")
    await expect(desk.find("unsent-item", state="waiting")).to_be_visible()
    await expect(desk.find("slip")).to_have_count(0)
    await county.server.start()
    await expect(desk.find("slip")).to_be_visible()
    [registered] = await incidents(county, "欠薪三个月")
    assert await desk.find("slip").get_attribute("data-code") == registered["case_code"]

    await written(desk, "物业不修电梯", grid)
    await desk.page.context.clear_cookies()
    await desk.press("Control+Enter")
    await desk.page.locator("[name=username]").fill("clerk_west")
    await desk.page.locator("[name=password]").fill(PASSWORD)
    await desk.press("Enter")
    await expect(desk.find("slip")).to_be_visible()
    [after] = await incidents(county, "物业不修电梯")
    assert await desk.find("slip").get_attribute("data-code") == after["case_code"]

    await expect(desk.page.locator("#visit-title")).to_be_focused()
    await desk.page.keyboard.type("只写了一半")
    await desk.page.reload()
    await expect(desk.page.locator("#visit-title")).to_have_value("只写了一半")
    assert await incidents(county, "只写了一半") == []


async def test_six_visitors_in_a_row_are_taken_in_and_routed_by_keys_though_the_server_is_killed(
    screens: Screens, county: County
) -> None:
    desk = await screens("/desk", user="clerk_west", tolerated=AWAY)
    said = visits(6)
    where = county.world.west.rpartition(".")[2]
    await Day(desk, county.server, where, "dispatch", kills={1: "registering", 4: "routing"}).work(said)
    await expect(desk.find("unsent-item")).to_have_count(0)  # What waited for the server is sent by itself.
    listed = (await county.call("clerk_west", "GET", "/api/cases?limit=100"))["items"]
    assert sorted(one["title"] for one in listed if one["title"] in said) == sorted(said), "none lost, none twice"
    waits = [one["title"] for one in listed if one["title"] in said and one["stage"] != "routed"]
    assert waits == [said[1]], "it had waited for the server, and stands in the queue"
