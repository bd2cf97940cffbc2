"""The map in words: what a hexagon says, and the incidents behind it."""

import re

import pytest
from playwright.async_api import expect

from geo.cells import from_hex, ring
from tests.browser.county import County
from tests.browser.languages import both_languages
from tests.browser.screens import Screen, Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = {
    "zh-CN": {"window": "近24小时", "short": "记录不足", "unknown": "不足 5 周", "near": "附近"},
    "en-GB": {"window": "in the last 24 h", "short": "does not hold", "unknown": "5 whole weeks", "near": "Near"},
}
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
