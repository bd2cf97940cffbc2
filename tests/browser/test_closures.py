"""Closing roads in the hall, by mouse and by keys: the ranking goes round at once, and lifting undoes it."""

from collections.abc import Iterator
from shutil import rmtree

import pytest
from playwright.async_api import expect

from tests.browser.screens import Screen, Screens
from tests.browser.test_access import axe, findings
from tests.roads import built, needs_library, street_grid, write_roads
from tests.worlds import LAT, LON, SIDE

__all__ = ["axe"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

PIXEL = """([lon, lat]) => {
  const { map } = window.__maplebridge;
  const [{ x, y }, { left, top }] = [map.project([lon, lat]), map.getCanvas().getBoundingClientRect()];
  return [left + x, top + y];
}"""
LOOK_AT = """([lon, lat]) => window.__maplebridge.map.stop().jumpTo({ center: [lon, lat], zoom: 15 })"""
"""West of the place: the open sheet lies over the middle of the map."""
WORDS = {
    "zh-CN": ("道路封控段步行", "仅机动车", "所画图形与自身相交"),
    "en-GB": ("On foot, road closed", "Motor vehicles", "crosses itself"),
}
PAN = """() => {
  const { map } = window.__maplebridge;
  map.jumpTo({ zoom: 16 });
  map.panBy([300, 0], { duration: 0 });
}"""
AROUND = 0.0012


@pytest.fixture
def roads(screens: Screens) -> Iterator[None]:
    """Streets over the county, which the server finds at once and forgets afterwards."""
    needs_library()
    folder = screens.county.server.log.parent
    file = folder / "streets.osm.pbf"
    built(write_roads(file, *street_grid(LON, LAT, columns=9, rows=9, step=SIDE / 2)), folder / "roads")
    yield
    rmtree(folder / "roads")
    file.unlink()


async def click(hall: Screen, lon: float, lat: float) -> None:
    x, y = await hall.page.evaluate(PIXEL, [lon, lat])
    await hall.page.mouse.click(x, y, delay=50)


async def test_a_road_is_closed_on_the_map_and_lifted_and_the_ranking_follows_at_once(
    screens: Screens, roads: None
) -> None:
    county = screens.county
    remark, motor, _ = WORDS[screens.locale]
    await county.on_duty("patrol_west")
    hall = await screens.hall(tolerated=r"status of 422")
    incident = await county.report("Uneven lid", category="hazard.road", risk="low", east=0.004, north=0.004)
    await expect(hall.find("queue-row", incident=incident["id"])).to_be_visible()
    await hall.press("j", "Enter")
    await expect(hall.find("reasons")).to_be_visible()
    await expect(hall.find("reasons")).not_to_contain_text(remark)

    await hall.press("g")
    await hall.find("closure-new").click()
    lon, lat = incident["lon"], incident["lat"]
    await hall.page.evaluate(LOOK_AT, [lon - 0.003, lat])
    form = hall.find("closure-form")
    await form.locator("[name=drawn]").nth(1).check()
    for east, north in ((-1, -1), (1, 1), (1, -1), (-1, 1)):
        await click(hall, lon + east * AROUND, lat + north * AROUND)
    await expect(hall.find("closure-points")).to_contain_text("4")
    await hall.page.locator("#closure-reason").fill("Market day")
    await hall.press("Enter")
    await expect(hall.find("closure-refused")).to_contain_text(WORDS[screens.locale][2])
    async for locale in hall.in_each_language():
        await expect(hall.find("closure-refused")).to_contain_text(WORDS[locale][2])
    await hall.press("Escape")
    await expect(form).to_have_count(0)

    await expect(hall.find("closure-new")).to_be_focused()
    await hall.press("Enter")
    await form.locator("[name=drawn]").nth(1).check()
    for east, north in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        await click(hall, lon + east * AROUND, lat + north * AROUND)
    await hall.page.locator("#closure-reason").fill("Bridge down")
    await hall.press("Enter")
    closure = hall.find("closure")
    await expect(closure).to_contain_text("Bridge down")
    async for locale in hall.in_each_language():
        await expect(hall.find("reasons")).to_contain_text(WORDS[locale][0])
    [made] = (await county.call("operator", "GET", "/api/closures?open=true"))["items"]

    async def drawn() -> bool:
        return await hall.drawn("closures") == [made["id"]]

    await hall.until(drawn)
    await hall.press("m")
    await hall.find("several-row").get_by_role("checkbox").uncheck()
    await county.call("operator", "POST", f"/api/closures/{made['id']}/lift")
    await expect(hall.find("several-roads")).to_be_visible()
    await expect(hall.find("several-row").get_by_role("checkbox")).not_to_be_checked()
    await hall.press("g")
    await expect(closure).to_have_count(0)
    await expect(hall.find("reasons")).not_to_contain_text(remark)
    assert motor not in await hall.find("reasons").inner_text()


async def test_by_keys_alone_and_one_on_the_map_opens_the_list_and_a_phone_near_it_is_told(
    screens: Screens, axe: str
) -> None:
    county = screens.county
    hall = await screens.hall()
    await hall.press("g", "Enter")
    await hall.find("closure-middle").focus()
    await hall.press("Enter")
    await hall.page.evaluate(PAN)
    await hall.press("Enter")
    await expect(hall.find("closure-points")).to_contain_text("2")
    await hall.page.locator("[name=to]").nth(1).focus()
    await hall.press("Space")
    assert await findings(hall, axe) == []
    await hall.page.locator("#closure-reason").focus()
    await hall.page.keyboard.type("集市")
    await hall.press("Enter")
    await expect(hall.find("closure")).to_contain_text("集市")
    await hall.press("Escape")
    [made] = (await county.call("operator", "GET", "/api/closures?open=true"))["items"]
    assert made["modes"] == ["car", "motorbike"] and made["opener"]
    (west, south), (east, north) = made["outline"][0], made["outline"][2]
    lon, lat = (west + east) / 2, (south + north) / 2

    async def found() -> bool:
        return await hall.drawn_at(lon, lat) == ("closures", made["id"])

    await hall.until(found)
    await click(hall, lon, lat)
    await expect(hall.find("closure", closure=made["id"])).to_be_visible()
    for theme in ("light", "dark"):
        await hall.page.emulate_media(color_scheme=theme)
        assert await findings(hall, axe) == [], theme

    west, south = county.world.middle_of(county.world.west)
    incident = await county.report("Beside the market", east=lon - west - 0.001, north=lat - south - 0.001)
    task = {"force": county.world.forces["patrol_west"]}
    await county.call("operator", "POST", f"/api/incidents/{incident['id']}/tasks", json=task)
    phone = await screens.phone()
    near = phone.find("closed-near")
    await expect(near).to_contain_text("仅机动车")
    assert "集市" not in await near.inner_text()
    await expect(near).to_be_in_viewport(ratio=1)
    scale = await phone.page.locator(".maplibregl-ctrl-scale").bounding_box()
    button = await phone.find("sos-button").bounding_box()
    assert scale and button
    assert scale["x"] + scale["width"] < button["x"], "the scale is beside the button for help"

    async def drawn() -> bool:
        return await phone.drawn("closures") == [made["id"]]

    await phone.until(drawn)
    await hall.find("closure-lift").click()
    await expect(hall.find("closure")).to_have_count(0)
    await expect(near).to_be_empty(timeout=30_000)
