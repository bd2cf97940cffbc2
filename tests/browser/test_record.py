"""Taking a call and keeping its record: a new incident, edits, notes and duplicates."""

from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.browser.county import County
from tests.browser.screens import Screen, Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")

AWAY = r"net::ERR_|status of 4(09|12|22)"
"""What a browser logs of its own accord when nobody answers, and of a refusal that the test provokes."""


BESIDE_THE_SHEET = """([lon, lat]) => {
  const { map } = window.__maplebridge;
  map.stop().jumpTo({ center: [lon - 0.004, lat], zoom: 15 });
  const { left, top } = map.getCanvas().getBoundingClientRect();
  const { x, y } = map.project([lon, lat]);
  return [left + x, top + y];
}"""
"""Moves the map so that a place lies in its open part, and answers the pixel."""


async def opened(screen: Screen, incident: int) -> None:
    await expect(screen.find("incident", incident=incident)).to_be_visible()


async def kinds(screen: Screen) -> list[str]:
    """The kinds of the record's entries, newest first."""
    entries = await screen.find("timeline").locator("li").all()
    found = [str(await entry.get_attribute("data-kind")) for entry in entries]
    return [kind for kind in found if not kind.startswith("case.")]


async def newest(screen: Screen, kind: str) -> None:
    async def is_it() -> bool:
        return (await kinds(screen))[:1] == [kind]

    await screen.until(is_it)


async def incidents(county: County) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await county.call("operator", "GET", "/api/incidents?status=open"))["items"]
    return found


async def test_a_call_is_taken_by_keys_kept_while_the_server_is_away_and_opens_ready_for_sending(
    screens: Screens, county: County
) -> None:
    hall = await screens.hall(tolerated=AWAY)
    twin = await county.report("Quarrel at the stall", category="dispute.neighbour")
    await expect(hall.find("queue-row", incident=twin["id"])).to_be_visible()
    await hall.press("n", "Control+Enter")
    await expect(hall.find("field-error")).to_have_count(3)
    await hall.page.keyboard.type("婚姻")
    await hall.press("Enter", "Tab")
    await hall.page.keyboard.type("夫妻争吵")
    await hall.press("Tab")
    await hall.page.keyboard.type("east gate of the market")
    await expect(hall.find("field-error")).to_have_count(0)
    await hall.press("Escape", "Escape")
    await expect(hall.find("new-incident")).to_have_count(0)
    await hall.press("n")
    await expect(hall.page.locator("#title")).to_have_value("夫妻争吵")
    await expect(hall.page.locator("#category")).to_have_value("婚姻家庭纠纷")

    lon, lat = twin["lon"], twin["lat"]
    x, y = await hall.page.evaluate(BESIDE_THE_SHEET, [lon + 0.0004, lat])
    await hall.page.mouse.click(x, y)
    await expect(hall.find("map-pin")).to_be_visible()
    await expect(hall.find("likely-twins")).to_contain_text("Quarrel at the stall")

    async def away(route: Route) -> None:
        await route.abort()

    await hall.page.route("**/api/incidents", away)
    await hall.page.locator("#description").focus()
    await hall.press("Control+Enter")
    await expect(hall.find("draft-problem")).to_be_visible()
    await hall.page.unroute("**/api/incidents")
    await hall.press("Control+Enter")
    await expect(hall.find("new-incident")).to_have_count(0)
    [made] = [one for one in await incidents(county) if one["title"] == "夫妻争吵"]
    assert made["category"] == "dispute.family" and made["address"] == "east gate of the market"
    assert made["source"] == "window" and made["lon"] == pytest.approx(lon + 0.0004, abs=2e-4)
    await opened(hall, made["id"])
    await expect(hall.find("candidate").first).to_be_visible()
    await hall.press("d")
    await expect(hall.find("task", status="assigned")).to_be_visible()


async def test_a_record_is_edited_noted_merged_and_parted_beside_a_colleague(screens: Screens, county: County) -> None:
    hall = await screens.hall(tolerated=AWAY)
    main = await county.report("Smoke over the mill")
    twin = await county.report("Smoke over the mill again")
    await expect(hall.find("queue-row", incident=twin["id"])).to_be_visible()
    await hall.find("queue-row", incident=twin["id"]).click()
    await opened(hall, twin["id"])
    await newest(hall, "duplicate_linked")
    await hall.press("e")
    await hall.page.locator("#edit-title").fill("Smoke over the paper mill")
    changed = {"risk": "low", "description": "No flames yet"}
    await county.call("operator_west", "PATCH", f"/api/incidents/{twin['id']}", json=changed)
    await newest(hall, "edited")
    await hall.press("Control+Enter")
    await expect(hall.find("meanwhile")).to_contain_text("Operator West")
    await expect(hall.page.locator("#edit-title")).to_have_value("Smoke over the paper mill")
    await expect(hall.page.locator("#edit-description")).to_have_value("No flames yet")
    await hall.find("edit-save").click()
    await expect(hall.find("edit-form")).to_have_count(0)
    await expect(hall.find("timeline").locator("li").first).to_contain_text(
        "Smoke over the mill again → Smoke over the paper mill"
    )
    await hall.press("b")
    await hall.page.keyboard.type("The caller rang again")
    await hall.press("Escape", "b")
    await expect(hall.page.locator("#note")).to_have_value("The caller rang again")
    await hall.press("Control+Enter")
    await newest(hall, "noted")
    await expect(hall.find("timeline").locator("li").first).to_contain_text("The caller rang again")

    await expect(hall.find("duplicate", incident=main["id"])).to_be_visible()
    await hall.find("dismiss").click()
    await expect(hall.find("duplicate")).to_have_count(0)
    await hall.find("restore").click()
    await hall.find("merge").click()
    await opened(hall, main["id"])
    await expect(hall.find("merged")).to_contain_text("Smoke over the paper mill")
    for words in ("A visit to the mill", "Rung back"):
        await county.call("operator_west", "POST", f"/api/incidents/{main['id']}/notes", json={"note": words})
    await expect(hall.find("queue-row", incident=twin["id"])).to_have_count(0)
    await hall.find("merged").get_by_role("button", name="Smoke over the paper mill").click()
    await opened(hall, twin["id"])
    await hall.find("unmerge").click()
    await expect(hall.find("carry").get_by_role("checkbox")).to_have_count(2)
    await hall.find("carry").get_by_label("A visit to the mill").check()
    await hall.find("unmerge-confirm").click()
    await expect(hall.find("queue-row", incident=twin["id"])).to_be_visible()
    await expect(hall.find("timeline")).to_contain_text("A visit to the mill")
    await expect(hall.find("timeline")).not_to_contain_text("Rung back")
    await expect(hall.find("incident", status="registered")).to_be_visible()
