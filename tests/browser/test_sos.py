"""A patrol calls for help: in the hall until it is acknowledged, on the wall as a count; and its position is coarse."""

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.screens import Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_sos_stays_in_the_hall_until_it_is_acknowledged(screens: Screens, county: County) -> None:
    force = county.world.forces["patrol_west"]
    hall, wall = await screens.hall(), await screens("/wall", user="wall")
    incident = await county.report("Smoke over the mill")
    await expect(hall.find("figure-sos")).to_have_count(0)
    place = {"lat": incident["lat"], "lon": incident["lon"], "accuracy": 12_000}
    sos = {"id": "device-patrol_west", "alarm": "sos"} | place
    assert (await county.client("gateway").get("/api/positions/osmand", params=sos)).is_success
    card = hall.find("sos", force=force)
    await expect(card).to_contain_text("紧急求助：Force patrol_west")
    await expect(card).to_contain_text("±12 公里")
    await hall.page.get_by_role("button", name="English").click()
    await expect(card).to_contain_text("SOS: Force patrol_west")
    await expect(card).to_contain_text("± 12 km")
    await expect(wall.find("figure-sos")).to_have_text("1")
    await expect(wall.page.locator("body")).not_to_contain_text("patrol_west")
    await hall.find("sos-acknowledge").click()
    await expect(card).to_have_count(0)
    await expect(wall.find("figure-sos")).to_have_count(0)
    await hall.find("queue-row", incident=incident["id"]).click()
    candidate = hall.find("candidate", force=force)
    await expect(candidate).to_contain_text("± 12 km")
    await candidate.click()
    await expect(hall.find("candidates")).to_contain_text("Position uncertain")
