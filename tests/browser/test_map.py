"""The map in words: what a hexagon says, and the incidents behind it."""

import re
from itertools import product

import pytest
from playwright.async_api import Response, Route, expect

from api.intake.given_map import use_file
from geo.cells import from_hex, ring
from layers.current import CURRENT
from tests.basemaps import BUILT, ON_LAKE, ON_LAND, built, write_pictures, write_town
from tests.browser.county import County
from tests.browser.screens import Screen, Screens
from tests.upstream import picture

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
CREDIT = "© OpenStreetMap 贡献者"
MAKER = "某测绘院 苏S(2026)012号"
RED = (220, 20, 20, 255)
REFUSED = "同时请求过多"
PICTURE = re.compile(r"/api/basemap/raster/0/\d+/\d+/\d+")
EXPORTS = re.compile(r"view-export\.html|report\.pdf")
PRESSED_MS = 150
"""As long as a finger presses a button."""
WATER = {"dark": (9, 29, 49), "light": (201, 220, 234)}
OFF = 2
"""Of 255, by which a colour may differ."""
TURNS = 21
"""Presses of the theme's button, which has three states: the last is the first again."""
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


async def test_a_click_on_a_hexagon_opens_the_incidents_behind_it(screens: Screens, county: County) -> None:
    """Its tip names place and window in plain words; with a short record no class is claimed, and the sheet says so."""
    hall = await screens.hall()
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
    tip = hall.page.locator(".tip")
    async for locale in hall.in_each_language():
        await hall.page.mouse.move(x, y)
        await expect(tip).to_contain_text(WORDS[locale]["near"])
        await expect(tip).to_contain_text(WORDS[locale]["window"])
        assert not FIGURES.search(await tip.inner_text())
    await hall.page.mouse.click(x, y, delay=PRESSED_MS)
    behind = hall.find("cell-incidents", cell=cell)
    await expect(hall.find("cell-incident", incident=reported[0])).to_be_visible()
    async for locale in hall.in_each_language():
        await expect(behind).to_contain_text(WORDS[locale]["window"])
        await expect(hall.find("past-unknown")).to_contain_text(WORDS[locale]["short"])
        await expect(hall.find("hot-accuracy")).to_contain_text(WORDS[locale]["unknown"])
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


async def layers_of(hall: Screen) -> list[str]:
    """All layers from the bottom up, those of the live state too."""
    layers: list[str] = await hall.page.evaluate("() => window.__maplebridge.map.getLayersOrder()")
    return layers


async def test_the_basemap_lies_under_all_that_is_live_in_both_themes(screens: Screens, county: County) -> None:
    """A page that is open shows a new one without being loaded again. Water is where it is, names are there, and who
    made it stands in the corner. Switching the theme while reports come in changes colours alone.
    """
    folder = county.server.log.parent / "basemap"
    hall = await screens.hall()
    built(write_town(folder.parent / "town.osm.pbf"), folder)
    await expect(hall.page.locator(".credit")).to_contain_text(CREDIT)
    await look_at(hall, ON_LAND, 16)
    await hall.until(lambda: has_name(hall, "枫桥路"))
    await look_at(hall, ON_LAKE, 12)
    await hall.until(lambda: is_water(hall, "dark"))
    first = (await county.report("Before the first switch"))["id"]
    await expect(hall.find("queue-row", incident=first)).to_be_visible()
    await hall.until(lambda: hall.drawn("incidents"))
    order = await layers_of(hall)
    for turn in range(TURNS):
        await hall.find("theme").click()
        if turn == TURNS // 2:
            second = (await county.report("Between two switches", east=0.004))["id"]
    await hall.until(lambda: is_water(hall, "dark"))

    async def both_drawn() -> bool:
        return {first, second} <= set(await hall.drawn("incidents"))

    await hall.until(both_drawn)
    assert await layers_of(hall) == order
    await hall.page.emulate_media(color_scheme="light")
    await hall.until(lambda: is_water(hall, "light"))
    await hall.page.emulate_media(color_scheme="dark")


async def look_at(hall: Screen, place: tuple[float, float], zoom: int) -> None:
    await hall.page.evaluate("([center, zoom]) => window.__maplebridge.map.jumpTo({ center, zoom })", [place, zoom])


async def is_water(hall: Screen, theme: str) -> bool:
    """Whether the lake shows in one of these places at least: names and lines lie over others."""
    lon, lat = ON_LAKE
    for east, north in product((-0.006, 0.0, 0.004), (-0.009, 0.0, 0.009)):
        colour = await hall.colour_at(lon + east, lat + north)
        if max(abs(a - b) for a, b in zip(colour, WATER[theme], strict=True)) <= OFF:
            return True
    return False


async def has_name(hall: Screen, name: str) -> bool:
    """Whether this name of the basemap is on the screen."""
    names: list[str] = await hall.page.evaluate(
        """() => {
            const { map } = window.__maplebridge;
            const layers = map.getLayersOrder().filter((id) => id.startsWith("ground-") && id.endsWith("names"));
            return map.queryRenderedFeatures({ layers }).map(({ properties }) => properties.name);
        }"""
    )
    return name in names


async def test_a_raster_map_lies_under_the_lines_and_is_chosen_in_the_layer_sheet(
    screens: Screens, county: County
) -> None:
    """Its pictures are asked for and shown, dimmed in the dark, and its maker stands in the corner; another choice is
    kept by the browser.
    """
    folder = county.server.log.parent
    file = write_pictures(folder / "town.mbtiles", picture(RED))
    used = {"basemaps": folder / "basemap", "rasters": folder / "raster", "now": BUILT, "grids": ()}
    answers: list[Response] = []
    try:
        use_file(file, datum="cgcs2000", credit=MAKER, **used)  # type: ignore[arg-type]
        hall = await screens.hall(before=lambda page: page.on("response", lambda one: answers.append(one)))
        credit = hall.page.locator(".credit")
        await expect(credit).to_contain_text(MAKER)
        await look_at(hall, ON_LAND, 12)
        await hall.until(lambda: is_reddish(hall))
        [shown, *_] = [answer for answer in answers if PICTURE.search(answer.url)]
        assert await shown.header_value("content-type") == "image/png"
        await hall.page.keyboard.press("l")
        await hall.page.get_by_label("无底图").check()
        await expect(credit).not_to_contain_text(MAKER)
        await hall.until(lambda: is_reddish(hall, shown=False))
        await hall.page.reload()
        await hall.ready()
        await expect(credit).not_to_contain_text(MAKER)
        await hall.page.keyboard.press("l")
        await hall.page.get_by_label("图片地图").check()
        await expect(credit).to_contain_text(MAKER)
    finally:
        (folder / "raster" / CURRENT).unlink()


async def is_reddish(hall: Screen, *, shown: bool = True) -> bool:
    """Whether most of these places show the picture's colour: lines and signs lie over others."""
    lon, lat = ON_LAND
    seen = [await hall.colour_at(lon + east, lat + north) for east, north in product((0.001, 0.004), (0.001, 0.004))]
    return (sum(red > 2 * blue and red > 2 * green for red, green, blue in seen) > len(seen) // 2) == shown
