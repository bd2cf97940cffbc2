"""The supervision board 督办台: from a figure to its cases, an urging and its answer, and a circular, by keys."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.screens import Screen, Screens
from tests.browser.test_access import axe, findings

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

AWAY = r"net::ERR_|WebSocket connection|status of 409"
"""What a browser logs of its own accord when nobody answers, and of the refusal that the test provokes."""


async def registered(county: County, title: str, *, risk: str = "high") -> dict[str, Any]:
    """Register a dispute in the western town at the county's desk."""
    lon, lat = county.world.middle_of(county.world.west)
    body = {"source": "window", "category": "dispute.neighbour", "title": title, "risk": risk}
    made: dict[str, Any] = await county.call("operator", "POST", "/api/incidents", json=body | {"lon": lon, "lat": lat})
    return made


async def count_of(screen: Screen, key: str, column: str) -> str:
    return await screen.find("board-row", key=key).locator(f"[data-column={column}]").inner_text()


async def test_a_supervisor_goes_from_a_figure_to_an_answer_by_keys(screens: Screens, county: County, axe: str) -> None:
    late, _ = await registered(county, "院墙争执拖了很久"), await registered(county, "今天刚登记的")
    county.let_the_case_be_late(late["id"])
    board = await screens("/board", user="supervisor", tolerated=AWAY)
    await expect(board.find("figure-late")).to_have_text("1")
    await expect(board.find("figure-open")).to_have_text("2")
    await expect(board.find("board-case")).to_have_count(1)
    await expect(board.find("board-map", shown=1)).to_be_visible()
    await expect(board.find("board-trend")).to_contain_text("按期办结率")
    await expect(board.find("board-age")).not_to_be_empty()
    assert await findings(board, axe) == []

    await board.press("4")
    west = county.world.west.rpartition(".")[2]
    await expect(board.find("board-row", key=west)).to_be_visible()
    assert [await count_of(board, west, one) for one in ("late", "near", "open")] == ["1", "0", "2"]
    await board.press("Escape", "ArrowDown", "End", "Enter")
    await expect(board.find("board-case")).to_have_count(2)
    await expect(board.find("board-case", case=late["id"]).get_by_role("link")).to_be_focused()

    await board.press("u")
    await expect(board.find("urge", state="form")).to_be_visible()
    await board.page.locator("[data-testid=urge] textarea").fill("请今天答复进展")
    assert await findings(board, axe) == []
    await board.press("Control+Enter")
    await expect(board.find("board-said")).to_be_visible()
    await expect(board.find("board-case", case=late["id"])).to_contain_text("已催办")
    await board.press("u")
    await board.page.locator("[data-testid=urge] textarea").fill("再催一次")
    await board.press("Control+Enter")
    await expect(board.find("move-refused", code="notice.unanswered")).to_be_visible()
    await board.press("Escape")
    await expect(board.find("urge")).to_have_count(0)

    page = await screens(f"/case/{late['id']}", user="operator", tolerated=AWAY)
    await page.find("answer").locator("textarea").fill("已约双方明天上午见面")
    assert await findings(page, axe) == []
    await page.press("Control+Enter")
    await expect(page.find("answer")).to_have_count(0)
    await expect(page.find("timeline")).to_contain_text("已约双方明天上午见面")
    await expect(board.find("board-case", case=late["id"])).to_contain_text("已约双方明天上午见面")

    await board.press("x", "r")
    await expect(board.find("circular")).to_be_visible()
    await board.page.keyboard.type("超时未办结")
    assert await findings(board, axe) == []
    await board.press("Control+Enter")
    await expect(board.find("board-said")).to_contain_text("已通报")
    await board.find("board-case", case=late["id"]).get_by_role("link").focus()
    await board.press("Enter")
    await expect(board.find("case-page", case=late["id"])).to_be_visible()
    await expect(board.find("timeline")).to_contain_text("超时未办结")


async def finished(county: County, title: str) -> dict[str, Any]:
    """Register an easy dispute, which ends when the patrol that was sent has finished."""
    made = await registered(county, title, risk="low")
    sent = {"force": county.world.forces["patrol_west"]}
    task = await county.call("operator", "POST", f"/api/incidents/{made['id']}/tasks", json=sent)
    for step in ("accept", "depart", "arrive", "finish"):
        await county.call("patrol_west", "POST", f"/api/tasks/{task['id']}/{step}")
    return made


async def test_a_week_of_the_trend_lists_what_closed_in_it(screens: Screens, county: County) -> None:
    closed, goes_on = await finished(county, "一次办完的"), await registered(county, "还在办的")
    board = await screens("/board?figure=open", user="supervisor", tolerated=AWAY)
    await expect(board.find("board-case", case=goes_on["id"])).to_be_visible()
    await board.find("board-week").last.get_by_role("button").click()
    await expect(board.find("board-case", case=closed["id"])).to_be_visible()
    await expect(board.find("board-case", case=goes_on["id"])).to_have_count(0)
    counted = await board.find("board-week").last.get_attribute("data-closed")
    await expect(board.find("board-case")).to_have_count(int(counted or 0))
    await board.press("u")
    await expect(board.find("urge")).to_have_count(0)


async def test_who_may_not_urge_sees_who_may_and_may_try_weights(screens: Screens, county: County, axe: str) -> None:
    seen = await registered(county, "旁人只看")
    far, near = county.world.forces["patrol_west"], county.world.forces["patrol_east"]
    sent = await county.call("operator", "POST", f"/api/incidents/{seen['id']}/tasks", json={"force": far})
    county.keep_ranking(sent["id"], [far, near], travel=[6.0, 4.5], load=[0, 3.0])
    board = await screens("/board?figure=open", user="auditor", tolerated=AWAY)
    await expect(board.find("board-case")).to_have_count(1)
    await board.press("u")
    await expect(board.find("urge", state="barred")).to_contain_text("督办")
    await board.press("Escape", "r")
    await expect(board.find("circular")).to_contain_text("可以通报的")

    await board.press("Escape", "w")
    await expect(board.find("weighing", changed=0)).to_be_visible()
    await board.find("weight", code="load").focus()
    await board.press("Home")
    await expect(board.find("weighing-changed")).to_have_text(re.compile(r"^[1-9]\d* / [1-9]\d* 次"))
    await expect(board.find("weighing-example", incident=seen["id"])).to_contain_text("Force patrol_east · 4.5 分钟")
    await expect(board.find("weighing-pack")).to_have_text("[dispatch]\ntask_today = 0")
    assert await findings(board, axe) == []
    await board.press("Escape")
    await expect(board.find("board-case")).to_have_count(1)
