"""Time from the mouse to the picture while a planner drags a border, in a real browser, on 5,337 micro-grids.

Usage: python -m bench.mouse [--incidents 30000] [--seconds 20] [--corners 3] [--film PICTURE.png]. Needs PostgreSQL
with PostGIS, Chromium, the built front end, and an otherwise idle machine. A plan of the whole county is open; a corner
of a grid is dragged in circles, with sixty moves of the mouse a second. A preview's time goes from the last
move before it was asked for to the second frame after its answer, when it is drawn for certain: numbers, problems and
lines. Prints percentiles and their ratio to the reach, previews a second, and the most in flight at a time. Without
graphics the software draws, beside server and database: `drawn` is then that processor's figure.
"""

import argparse
import asyncio
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import httpx
import shapely
from playwright.async_api import Browser, Page, async_playwright

from bench.ingest import bodies
from bench.page import DESK, PATIENCE_SECONDS
from bench.plans import LINES, signed_in
from bench.stage import Meter, Stage, Staged, client_of, machine, served, settle_county, staged, summary
from tests.browser.chromium import launched
from tests.browser.server import Server

REACH_MS, REACH_A_SECOND = 150, 10
MOVES_A_SECOND = 60
RADIUS_PX = 12
LEVEL = "grid"
"""The level that the screen has in hand when a plan is opened."""
ACROSS_PX = 300
"""How wide the grid with the dragged corner is on the screen."""

Place = tuple[float, float]
WATCH = """
window.previews = []
let moved = 0, flying = 0
addEventListener("pointermove", (event) => { moved = event.timeStamp }, { capture: true })
const frame = () => new Promise(requestAnimationFrame)
const ask = window.fetch
window.fetch = async (input, options) => {
  if (!String(input instanceof Request ? input.url : input).includes("/preview")) return ask(input, options)
  const one = { moved, asked: performance.now(), flying: ++flying }
  try {
    const answer = await ask(input, options)
    await answer.clone().text()
    Object.assign(one, { status: answer.status, answered: performance.now() })
    frame().then(frame).then(() => { window.previews.push({ ...one, drawn: performance.now() }) })
    return answer
  } finally { flying -= 1 }
}
"""
IS_DRAWN = """() => {
  const { map } = window.__maplebridge ?? {}
  return !!map?.getLayer("plan-line-grid") && map.isSourceLoaded("plan-lines") && !map.isMoving()
}"""
FIT = """([west, south, east, north, pixels]) => {
  const { map } = window.__maplebridge
  const across = map.project([east, south]).x - map.project([west, south]).x
  map.jumpTo({ center: [(west + east) / 2, (south + north) / 2], zoom: map.getZoom() + Math.log2(pixels / across) })
}"""
PIXEL = """(place) => {
  const { map } = window.__maplebridge
  const { left, top } = map.getCanvas().getBoundingClientRect()
  const { x, y } = map.project(place)
  return [left + x, top + y]
}"""


@dataclass(frozen=True, slots=True)
class Corner:
    """A corner at which three grids or more meet, and the bounds of one of them."""

    place: Place
    bounds: tuple[float, float, float, float]


def corners(features: list[dict[str, Any]]) -> Iterator[Corner]:
    """Yield a corner of some fifty grids over the county."""
    shapes = [shapely.geometry.shape(one["geometry"]) for one in features if one["properties"]["level"] == LEVEL]
    meeting: dict[Place, int] = {}
    for shape in shapes:
        for place in {tuple(at) for at in shapely.get_coordinates(shape).tolist()}:
            meeting[place] = meeting.get(place, 0) + 1
    for shape in shapes[:: len(shapes) // 50]:
        place = next((at for at in map(tuple, shapely.get_coordinates(shape).tolist()) if meeting[at] > 2), None)
        if place is not None:
            yield Corner(place, shape.bounds)


async def opened(browser: Browser, server: Server, county: Staged, plan: int) -> Page:
    """Open a plan on the planner's screen; return when its lines are drawn."""
    context = await browser.new_context(viewport=DESK, locale="zh-CN")
    body = {"username": "planner", "password": county.passwords["planner"]}
    assert (await context.request.post(f"{server.url}/api/session", data=body)).ok
    page = await context.new_page()
    await page.add_init_script(WATCH)
    await page.goto(f"{server.url}/planner?plan={plan}")
    await until(page, IS_DRAWN)
    await page.keyboard.press("e")
    return page


async def until(page: Page, condition: str) -> None:
    began = perf_counter()
    while not await page.evaluate(condition):
        assert perf_counter() - began < PATIENCE_SECONDS, "the lines are not drawn"
        await asyncio.sleep(0.1)


async def dragged(page: Page, corner: Corner, *, seconds: float, film: str | None) -> float:
    """Drag a corner in circles, and cancel; return the seconds from the first move to the last."""
    await page.evaluate(FIT, [*corner.bounds, ACROSS_PX])
    await until(page, IS_DRAWN)
    x, y = await page.evaluate(PIXEL, [*corner.place])
    await page.mouse.move(x, y)
    await page.mouse.down()
    began, moves = perf_counter(), 0
    while (now := perf_counter() - began) < seconds:
        angle = 2 * math.pi * now
        await page.mouse.move(x + RADIUS_PX * math.sin(angle), y + RADIUS_PX * (1 - math.cos(angle)) / 2)
        moves += 1
        await asyncio.sleep(max(0.0, moves / MOVES_A_SECOND - (perf_counter() - began)))
    took = perf_counter() - began
    if film:
        await page.screenshot(path=film)
    await page.keyboard.press("Escape")
    await page.mouse.up()
    return took


def told(previews: list[dict[str, float]], *, seconds: float) -> str:
    """Format what was measured."""
    seen = [one["drawn"] - one["moved"] for one in previews]
    cut = sorted(seen)[math.ceil(0.95 * len(seen)) - 1]
    rate, flying = len(previews) / seconds, max(one["flying"] for one in previews)
    refused = sum(one["status"] != httpx.codes.OK for one in previews)
    lines = (
        summary("mouse to picture", seen) + f": {cut / REACH_MS:.2f} of {REACH_MS} ms",
        summary("until asked", [one["asked"] - one["moved"] for one in previews]),
        summary("until answered", [one["answered"] - one["asked"] for one in previews]),
        summary("drawn", [one["drawn"] - one["answered"] for one in previews]),
        f"{rate:.1f} previews a second (reach {REACH_A_SECOND}: {REACH_A_SECOND / rate:.2f} of it)",
        f"{flying:.0f} in flight at most; {refused} of {len(previews)} refused",
    )
    return "\n".join(lines)


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    async with served(stage) as server, async_playwright() as playwright:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=options.incidents, lines=LINES):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        stage.analyze()
        async with httpx.AsyncClient(base_url=server.url, headers={"Origin": server.url}, timeout=600) as planner:
            await signed_in(planner, county, "planner")
            begun = {"title": "bench", "division": county.pack.root.code}
            plan = (await planner.post("/api/plans", json=begun)).json()["id"]
            features = (await planner.get(f"/api/plans/{plan}/lines")).json()["features"]
        browser = await launched(playwright)
        page = await opened(browser, server, county, plan)
        asked = [*corners(features)][: options.corners]
        await dragged(page, asked[0], seconds=3, film=None)
        await page.evaluate("window.previews = []")
        with Meter(stage, server) as meter:
            each = options.seconds / len(asked)
            took = [await dragged(page, corner, seconds=each, film=options.film) for corner in asked]
        previews = await page.evaluate("window.previews")
        await browser.close()
    sys.stdout.write(
        f"{machine()}; {len(features)} divisions, {options.incidents} incidents\n"
        f"{told(previews, seconds=sum(took))}\n{meter.summary(per=len(previews), unit='previews')}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=30_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--corners", type=int, default=3)
    parser.add_argument("--film", help="Where to keep a picture of the last drag.")
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
