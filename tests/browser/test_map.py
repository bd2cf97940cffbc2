"""The map in words: what a hexagon says, and the incidents behind it."""

import re

import pytest
from playwright.async_api import Route, expect

from geo.cells import from_hex, ring
from tests.browser.county import County
from tests.browser.languages import both_languages
from tests.browser.screens import Screen, Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = {
    "zh-CN": {
        "window": "近24小时",
        "short": "记录不足",
        "unknown": "不足 5 周",
        "near": "附近",
        "refused": "同时请求过多",
    },
    "en-GB": {
        "window": "in the last 24 h",
        "short": "does not hold",
        "unknown": "5 whole weeks",
        "near": "Near",
        "refused": "Too many requests",
    },
}
REFUSED = "同时请求过多"
EXPORTS = re.compile(r"view-export\.html|report\.pdf")
PRESSED_MS = 150
"""As long as a finger presses a button."""
FIGURES = re.compile(r"\b[zq]\s+-?\d")


async def spot_in(screen: Screen) -> tuple[str, tuple[float, float]] | None:
    """A hexagon and a place inside it whose pixel shows it, and no incident; None before it is painted."""
    for cell in await screen.drawn("hexes"):
        corners = ring(from_hex(str(cell)))[:-1]
        lon, lat = (sum(each) / len(corners) for each in zip(*corners, strict=True))
        for x, y in corners:
            spot = lon + 0.75 * (x - lon), lat + 0.75 * (y - lat)
            if await screen.drawn_at(*spot) == ("hexes", cell):
                return str(cell), spot
    return None


async def pixel_of(screen: Screen, spot: tuple[float, float]) -> tuple[float, float]:
    at = await screen.page.evaluate(
        """(spot) => {
            const { map } = window.__maplebridge;
            const [box, at] = [map.getContainer().getBoundingClientRect(), map.project(spot)];
            return [box.left + at.x, box.top + at.y];
        }""",
        list(spot),
    )
    return at[0], at[1]


@both_languages
async def test_a_click_on_a_hexagon_opens_the_incidents_behind_it(
    screens: Screens, county: County, locale: str
) -> None:
    """Its tip names place and window in plain words; with a short record no class is claimed, and the sheet says so."""
    words, hall = WORDS[locale], await screens.hall()
    reported = [(await county.report(f"Smoke {i}", risk="low"))["id"] for i in range(3)]
    await expect(hall.find("queue-row", incident=reported[-1])).to_be_visible()
    found: list[tuple[str, tuple[float, float]]] = []

    async def looked() -> bool:
        spot = await spot_in(hall)
        found.extend([spot] if spot else [])
        return spot is not None

    await hall.until(looked)
    cell, spot = found[0]
    x, y = await pixel_of(hall, spot)
    await hall.page.mouse.move(x, y)
    tip = hall.page.locator(".tip")
    await expect(tip).to_contain_text(words["near"])
    await expect(tip).to_contain_text(words["window"])
    assert not FIGURES.search(await tip.inner_text())
    await hall.page.mouse.click(x, y, delay=PRESSED_MS)
    behind = hall.find("cell-incidents", cell=cell)
    await expect(behind).to_contain_text(words["window"])
    await expect(hall.find("cell-incident", incident=reported[0])).to_be_visible()
    await expect(hall.find("past-unknown")).to_contain_text(words["short"])
    await expect(hall.find("hot-accuracy")).to_contain_text(words["unknown"])
    await hall.find("cell-incident", incident=reported[1]).click()
    await expect(hall.find("incident", incident=reported[1])).to_be_visible()
    await behind.get_by_role("button").first.click()
    await expect(behind).to_have_count(0)


async def test_files_are_saved_and_a_refusal_is_told_on_the_screen(screens: Screens, county: County) -> None:
    hall = await screens.hall(tolerated="status of 429")
    incident = (await county.report("A file to hand over"))["id"]
    await hall.press("l")
    async with hall.page.expect_download() as downloading:
        await hall.find("export-view").click()
    assert (await downloading.value).suggested_filename.endswith(".html")

    await hall.page.route(EXPORTS, refuse)
    await hall.find("export-view").click()
    await expect(hall.find("file-refused", code="reads.too_many")).to_contain_text(REFUSED)
    await hall.press("Escape")
    await hall.find("queue-row", incident=incident).click()
    await hall.press("p")
    await expect(hall.find("file-refused", code="reads.too_many")).to_contain_text(REFUSED)
    assert len(hall.page.context.pages) == 1


async def refuse(route: Route) -> None:
    await route.fulfill(status=429, json={"code": "reads.too_many"}, content_type="application/problem+json")
