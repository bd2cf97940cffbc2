"""A plan is submitted, reviewed by another, published for a day and undone; the hall follows without a reload."""

from functools import partial
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.screens import Screen, Screens
from tests.browser.test_access import axe, findings

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

PLANS = "/api/plans"
TOWN = "320509100"
VERSION = """() => {
  const [address] = window.__maplebridge?.map.getStyle().sources.county.tiles ?? [""];
  return new URL(address).searchParams.get("version");
}"""
"""The version of the lines in the address of the hall's tiles."""


async def drawn_plan(county: County, incident: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A plan in which the micro-grid of an incident changes its grid; answers it, and the grid that takes it in."""
    plan = await county.call("planner", "POST", PLANS, json={"title": "Grids of West Town", "division": TOWN})
    village, grid, micro = incident["division_path"].rsplit(".", 2)
    taker = next(path.split(".")[-2] for path in county.world.micro_grids(village) if path.split(".")[-2] != grid)
    operation = {"op": "reassign", "codes": [micro], "to": taker}
    await county.call("planner", "POST", f"{PLANS}/{plan['id']}/operations", json=operation)
    return plan, taker


async def takes(screen: Screen, step: str, note: str = "") -> None:
    """Take a step of the open plan, with a note."""
    await screen.find("step", step=step).click()
    if note:
        await screen.page.locator("#step-note").fill(note)
    await screen.find("step-confirm").click()


async def publishes(screen: Screen, *, today: bool = False) -> None:
    """Publish by the dialog, for tomorrow or today, and confirm."""
    await screen.press("u")
    await expect(screen.find("publish", loaded="true")).to_be_visible()
    await expect(screen.find("hands", thing="incident", count=1)).to_be_visible()
    if today:
        day = screen.page.locator("#publish-day")
        await day.fill(str(await day.get_attribute("min")))
    await screen.find("publish-go").click()
    await expect(screen.find("publish-sure")).to_be_visible()
    await screen.find("publish-go").click()


async def stands(screen: Screen, state: str) -> None:
    await expect(screen.find("plan-state", state=state)).to_be_visible()


async def test_a_plan_is_reviewed_by_another_published_and_undone_while_the_hall_follows(
    screens: Screens, county: County, axe: str
) -> None:
    incident = await county.report("A quarrel in the grid")
    plan, taker = await drawn_plan(county, incident)
    planner = await screens(f"/planner?plan={plan['id']}", user="planner")
    await takes(planner, "submit", "Please look")
    await stands(planner, "submitted")
    await expect(planner.find("why-not", step="approve")).to_be_visible()
    chief = await screens("/planner?plans=review", user="supervisor")
    await chief.find("plan", plan=plan["id"]).click()
    await takes(chief, "approve", "Agreed")
    await stands(chief, "approved")
    await publishes(chief)
    await stands(chief, "scheduled")
    await takes(chief, "unpublish")
    await stands(chief, "approved")
    await in_force_and_undone(chief, screens, county, incident, taker)
    await chief.press("u")
    await expect(chief.find("publish", loaded="true")).to_be_visible()
    assert await findings(chief, axe) == []
    await expect(chief.find("entry")).to_have_count(8)


async def in_force_and_undone(
    chief: Screen, screens: Screens, county: County, incident: dict[str, Any], taker: str
) -> None:
    """Publish for today: tiles of the hall and of the phone have another address, and the incident another grid, for
    all who ask; undone, as before.
    """
    hall, phone = await screens.hall(), await screens.phone()
    version = await hall.page.evaluate(VERSION)
    await county.within_one_day()
    await publishes(chief, today=True)
    await stands(chief, "published")
    assert await grids_of(county, incident) == {taker}
    for screen in (hall, phone):
        await screen.until(partial(has_other_lines, screen, version))
    await chief.page.get_by_role("button", name="切换为英文").click()
    await expect(chief.find("plan-state", state="published")).to_contain_text("In force")
    await takes(chief, "unpublish", "Not yet")
    await stands(chief, "approved")
    assert await grids_of(county, incident) == {incident["grid"]}
    for screen in (hall, phone):
        await screen.until(partial(has_lines, screen, version))


async def grids_of(county: County, incident: dict[str, Any]) -> set[str]:
    """The grid of an incident by itself, by the lines that `/ogc` has, and by the only count of the statistics."""
    told = await county.call("operator", "GET", f"/api/incidents/{incident['id']}")
    micro = incident["division_path"].rpartition(".")[2]
    listed = await county.call("operator", "GET", "/ogc/collections/divisions/items?limit=1000")
    counted = await county.call("operator", "GET", "/api/statistics?by=grid")
    return {
        told["grid"],
        *(one["properties"]["parent"] for one in listed["features"] if one["properties"]["code"] == micro),
        *(one["code"] for one in counted["items"] if one["figures"]["open_incidents"]),
    }


async def has_lines(hall: Screen, version: str) -> bool:
    return bool(await hall.page.evaluate(VERSION) == version)


async def has_other_lines(hall: Screen, version: str) -> bool:
    return not await has_lines(hall, version)
