"""The planner draws on the map, sees numbers move while dragging, and takes steps back, after a reload too."""

from typing import Any

import orjson
import pytest
from playwright.async_api import Request, expect

from tests.browser.county import County
from tests.browser.screens import Screen, Screens
from tests.browser.test_access import axe, findings_in_every_look
from tests.worlds import LAT, LON, SIDE

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")

REFUSED = r"status of 422 .*/preview"
"""A browser logs every refusal, and a line that is not finished yet divides nothing."""
DRAWN = """() => {
  const { map } = window.__maplebridge ?? {};
  const still = map && map.getLayer("plan-line-grid") && map.isSourceLoaded("plan-lines") && !map.isMoving();
  return still ? map.queryRenderedFeatures({ layers: ["plan-line-grid"] }).length > 0 : false;
}"""
PIXEL = """(place) => {
  const { map } = window.__maplebridge;
  const { left, top } = map.getCanvas().getBoundingClientRect();
  const { x, y } = map.project(place);
  return [left + x, top + y];
}"""
RUSH = """async ([x, y]) => {
  const { map } = window.__maplebridge;
  const canvas = map.getCanvas();
  const mouse = { clientY: y, pointerId: 1, isPrimary: true, bubbles: true };
  const move = (i) => new PointerEvent("pointermove", { ...mouse, clientX: x + i / 8 });
  const began = performance.now();
  for (let i = 1; i <= 200; i++) {
    canvas.dispatchEvent(move(i));
    await new Promise((next) => setTimeout(next, began + 10 * i - performance.now()));
  }
  const { left, top } = canvas.getBoundingClientRect();
  return [performance.now() - began, map.unproject([x + 25 - left, y - top]).toArray()];
}"""
"""Moves the pointer 200 times in 2 seconds, 25 pixels to the east; answers how long it took, and where it ended."""
PREVIEWS_A_SECOND = 12.5

Pixel = tuple[float, float]


def at(x: float, y: float) -> list[float]:
    """A place in steps of the small county's lattice."""
    return [LON + x * SIDE, LAT + y * SIDE]


async def pixel(screen: Screen, x: float, y: float) -> Pixel:
    left, top = await screen.page.evaluate(PIXEL, at(x, y))
    return left, top


async def begins(screen: Screen, title: str) -> None:
    """Begin a plan over West Town, by its form."""
    await screen.find("plan-new").click()
    await screen.page.locator("#plan-title").fill(title)
    await screen.page.locator("#plan-division").select_option("320509100")
    await screen.find("plan-begin").click()
    await expect(screen.find("plan-state", state="draft")).to_be_visible()
    await drawn(screen)


async def drawn(screen: Screen) -> None:
    await screen.until(lambda: screen.page.evaluate(DRAWN), every_ms=100)


async def operations(screen: Screen, *kinds: str) -> None:
    """Wait for exactly these in the list, the newest first."""
    rows = screen.find("operation")
    await expect(rows).to_have_count(len(kinds))
    assert [await row.get_attribute("data-op") for row in await rows.all()] == [*kinds]


async def drags(screen: Screen, *corners: tuple[float, float], drop: bool = True) -> None:
    """Press at the first place, move over the others, and let go."""
    first, *others = [await pixel(screen, *corner) for corner in corners]
    await screen.page.mouse.move(*first)
    await screen.page.mouse.down()
    for place in others:
        await screen.page.mouse.move(*place, steps=4)
    if drop:
        await screen.page.mouse.up()


async def splits(screen: Screen) -> None:
    await screen.press("s")
    await screen.page.mouse.click(*await pixel(screen, -0.4, 0.4))
    await screen.page.mouse.move(*await pixel(screen, 1.4, 0.4), steps=3)
    await expect(screen.find("previewing")).to_be_visible()
    await screen.page.mouse.click(*await pixel(screen, 1.4, 0.4))
    await screen.press("Enter")
    await operations(screen, "split")
    await expect(screen.find("figure-card", code="new_1")).to_be_visible()


async def brushes(screen: Screen) -> None:
    await screen.press("b")
    await drags(screen, (1.5, 1.5), (0.5, 1.5))
    await operations(screen, "reassign", "split")


async def is_refused(screen: Screen) -> None:
    """Grids of two villages are not merged: the place is drawn, in words with the way out, and nothing is done."""
    await screen.press("m")
    for y in (1.5, 2.5):
        await screen.page.mouse.click(*await pixel(screen, 1.5, y))
    await expect(screen.find("refusal", code="plan.across_parents")).to_be_visible()
    await screen.press("Escape")
    await expect(screen.find("refusal")).to_have_count(0)


async def drags_a_corner(screen: Screen) -> None:
    """The numbers beside the map move before the button is let go."""
    await screen.press("e")
    known = await figures(screen)
    await drags(screen, (1, 1), (1.4, 0.7), drop=False)
    await expect(screen.find("previewing")).to_be_visible()
    await screen.until(lambda: differs(screen, known))
    await expect(screen.find("sums", hold="true")).to_be_visible()
    await screen.page.mouse.up()
    await operations(screen, "move", "reassign", "split")


async def figures(screen: Screen) -> list[str | None]:
    return [await one.get_attribute("data-after") for one in await screen.find("figure", figure="compactness").all()]


async def differs(screen: Screen, known: list[str | None]) -> bool:
    return await figures(screen) != known


async def test_a_planner_draws_sees_numbers_move_and_takes_steps_back_after_a_reload(
    screens: Screens, county: County, axe: str
) -> None:
    await county.report("A quarrel in the grid")
    planner = await screens("/", user="planner", tolerated=REFUSED)
    await begins(planner, "Grids of West Town")
    for step in (splits, brushes, is_refused, drags_a_corner):
        await step(planner)
    await planner.press("z")
    await operations(planner, "reassign", "split")
    await planner.page.reload()
    await drawn(planner)
    await operations(planner, "reassign", "split")
    await expect(planner.find("redoable")).to_be_visible()
    await planner.press("z")
    await operations(planner, "split")
    await planner.press("Shift+Z")
    await operations(planner, "reassign", "split")
    await speaks_both_languages(planner)
    await planner.press("e")
    assert await findings_in_every_look(planner, axe) == []
    await drawn(planner)


async def speaks_both_languages(screen: Screen) -> None:
    newest = screen.find("operation").first
    await expect(newest).to_contain_text("划归")
    await screen.page.get_by_role("button", name="切换为英文").click()
    await expect(newest).to_contain_text("moved to")
    await expect(screen.find("sums", hold="true")).to_contain_text("sums hold")


async def test_a_drag_that_is_undone_leaves_all_as_it_was_and_a_rush_of_moves_asks_for_few_previews(
    screens: Screens, county: County
) -> None:
    plan = await county.call("planner", "POST", "/api/plans", json={"title": "Drags", "division": "320509100"})
    planner = await screens(f"/planner?plan={plan['id']}", user="planner", tolerated=REFUSED)
    await drawn(planner)
    asked: list[Request] = []
    planner.page.on("request", lambda request: asked.append(request) if request.method == "POST" else None)
    await planner.press("e")
    await cancels(planner, asked)
    await rushes(planner, asked)
    told = await county.call("planner", "GET", f"/api/plans/{plan['id']}")
    assert (told["version"], told["operations"]) == (1, [])
    await draws_by_keys_alone(planner)


async def draws_by_keys_alone(screen: Screen) -> None:
    """The cross in the open part of the map is the pointer, and Space its button."""
    await screen.press("x")
    await screen.page.locator("canvas").first.focus()
    await screen.press("ArrowRight")
    await expect(screen.find("crosshair")).to_be_visible()
    await screen.press("Space")
    await operations(screen, "lock")


async def cancels(screen: Screen, asked: list[Request]) -> None:
    """Press on a corner, zoom by the wheel, undo, and let go: nothing but previews was asked for."""
    await drags(screen, (1, 1), (1.2, 1.1), drop=False)
    await expect(screen.find("previewing")).to_be_visible()
    await screen.page.mouse.wheel(0, -120)
    await screen.press("Control+z")
    await expect(screen.find("previewing")).to_have_count(0)
    await screen.page.mouse.up()
    await operations(screen)
    await expect(screen.find("redo")).to_be_disabled()
    assert asked
    assert all("/preview" in request.url for request in asked)
    asked.clear()
    await screen.until(lambda: screen.page.evaluate(DRAWN), every_ms=100)


async def rushes(screen: Screen, asked: list[Request]) -> None:
    """No preview is queued: there are few, and the last is of the last place."""
    x, y = await pixel(screen, 1, 1)
    await drags(screen, (1, 1), (1.05, 1), drop=False)
    asked.clear()
    took, last = await screen.page.evaluate(RUSH, [x, y])
    assert len(asked) <= PREVIEWS_A_SECOND * took / 1000
    await screen.until(lambda: ends_at(asked, last))
    await screen.press("Escape")
    await screen.page.mouse.up()


async def ends_at(asked: list[Request], place: list[float]) -> bool:
    body: Any = asked[-1].post_data_json if asked else None
    return bool(body) and all(abs(one - other) < 1e-6 for one, other in zip(body["to"], place, strict=True))


STREETS = {
    "type": "MultiLineString",
    "coordinates": [[at(1.008, -0.2), at(1.008, 1.992)], [at(-0.2, 3.4), at(1.2, 3.4)]],
}
"""A street beside the border of two grids, and one across a grid further north."""


async def bent_plan(county: County) -> int:
    """A plan over West Town in which the border of two grids in the south has a corner half way."""
    plan: int = (await county.call("planner", "POST", "/api/plans", json={"title": "Tools", "division": "320509100"}))[
        "id"
    ]
    bend = {"op": "move", "edge": at(1, 0.5), "to": at(1.1, 0.5)}
    await county.call("planner", "POST", f"/api/plans/{plan}/operations", json=bend)
    return plan


async def clicks(screen: Screen, *corners: tuple[float, float]) -> None:
    for corner in corners:
        await screen.page.mouse.click(*await pixel(screen, *corner))


async def straightens(screen: Screen) -> None:
    await screen.press("t")
    await clicks(screen, (1.1, 0.5))
    await screen.find("apply").click()
    await operations(screen, "straighten", "move")


async def snaps(screen: Screen) -> None:
    await screen.press("r")
    files = {"name": "streets.geojson", "mimeType": "application/geo+json", "buffer": orjson.dumps(STREETS)}
    await screen.find("guides").set_input_files([files])
    await clicks(screen, (0.5, 1.5))
    await screen.find("apply").click()
    await operations(screen, "snap", "straighten", "move")


async def splits_along_a_street(screen: Screen) -> None:
    await screen.press("s")
    await screen.find("split-by", by="guides").click()
    await clicks(screen, (0.5, 2.5))
    await screen.find("apply").click()
    await operations(screen, "split_along", "snap", "straighten", "move")


async def renames(screen: Screen) -> None:
    await screen.press("n")
    await clicks(screen, (1.5, 3))
    await screen.find("new-name").fill("河东网格")
    await screen.page.keyboard.press("Enter")
    await operations(screen, "rename", "split_along", "snap", "straighten", "move")
    await expect(screen.find("operation").first).to_contain_text("河东网格")


async def creates(screen: Screen) -> None:
    await screen.press("a")
    await clicks(screen, (1.3, 0.3), (1.5, 0.3), (1.5, 0.5))
    await screen.page.mouse.move(*await pixel(screen, 1.3, 0.5), steps=3)
    await clicks(screen, (1.3, 0.5))
    await screen.press("Enter")
    await screen.find("kind").select_option("school")
    await expect(screen.find("previewing")).to_be_visible()
    await screen.find("apply").click()
    await operations(screen, "create", "rename", "split_along", "snap", "straighten", "move")
    await expect(screen.find("operation").first).to_contain_text("学校")


async def brushes_an_area(screen: Screen) -> None:
    await screen.press("b")
    await screen.find("brush-kind", kind="lasso").click()
    await drags(screen, (0.6, 1.5), (0.9, 1.05), (1.95, 1.05), (1.95, 1.95), (0.9, 1.95), (0.6, 1.6))
    await expect(screen.find("operation")).to_have_count(7)
    assert await screen.find("operation").first.get_attribute("data-op") == "reassign"


async def comments_on_a_place(screen: Screen) -> None:
    await screen.press("b")
    await screen.page.locator("#comment").fill("Too near the river")
    await screen.find("comment-mark").click()
    await clicks(screen, (0.5, 0.5))
    await screen.find("comment-send").click()
    await expect(screen.find("comment-show")).to_have_count(1)
    before = await screen.page.evaluate("() => window.__maplebridge.map.getZoom()")
    await screen.find("comment-show").click()
    await screen.until(lambda: is_nearer(screen, before))


async def is_nearer(screen: Screen, zoom: float) -> bool:
    return bool(await screen.page.evaluate("() => window.__maplebridge.map.getZoom()") > zoom + 1)


async def test_each_tool_draws_and_a_comment_has_a_place(screens: Screens, county: County) -> None:
    plan = await bent_plan(county)
    planner = await screens(f"/planner?plan={plan}", user="planner", tolerated=REFUSED)
    await drawn(planner)
    tools = (straightens, snaps, splits_along_a_street, renames, creates, brushes_an_area, comments_on_a_place)
    for step in tools:
        await step(planner)
    told = await county.call("planner", "GET", f"/api/plans/{plan}")
    (place,) = [entry["place"] for entry in told["entries"] if entry["place"]]
    assert place == pytest.approx(at(0.5, 0.5), abs=1e-4)
