"""A patrol's phone and what the hall sees of it: a task that is seen, a call for help without a signal, the way."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Request, expect

from tests.browser.county import County
from tests.browser.screens import Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")

POSITIONS = re.compile(r"/api/positions$")


async def test_the_hall_sees_that_a_task_was_shown_and_the_phone_hands_the_way_over(
    screens: Screens, county: County, tmp_path: Path
) -> None:
    hall, phone = await screens.hall(), await screens.phone()
    incident = await county.report("Smoke over the mill")
    await hall.find("queue-row", incident=incident["id"]).click()
    force = county.world.forces["patrol_west"]
    await county.call("operator", "POST", f"/api/incidents/{incident['id']}/tasks", json={"force": force})
    await expect(hall.find("phone-seen", state="seen")).to_be_visible()
    way = phone.find("way-links").locator('[data-app="other"]')
    await expect(way).to_have_attribute("href", f"geo:{incident['lat']:.6f},{incident['lon']:.6f}")
    for width in (360, 390):
        await phone.page.set_viewport_size({"width": width, "height": 844})
        await phone.page.screenshot(path=tmp_path / f"task-{width}.png")
        assert await phone.page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = await phone.find("way-links").locator("a").evaluate_all("all => all.map(a => a.offsetHeight)")
    assert min(sizes) >= 48


async def test_a_call_for_help_without_a_signal_gives_the_numbers_within_a_second(
    screens: Screens, county: County, tmp_path: Path
) -> None:
    hall, phone = await screens.hall(), await screens.phone(tolerated=r"ERR_FAILED|api/positions")
    tried: list[Request] = []
    phone.page.on("request", lambda asked: tried.append(asked) if POSITIONS.search(asked.url) else None)
    await phone.page.route(POSITIONS, lambda route: route.abort())
    button = phone.find("sos-button")
    await button.dispatch_event("pointerdown")
    await expect(phone.find("sos-state", state="counting")).to_be_visible()
    await phone.page.screenshot(path=tmp_path / "sos-counting.png")
    await phone.find("sos-cancel").click()
    await expect(button).to_be_visible()
    assert tried == []
    await button.dispatch_event("pointerdown")
    await expect(phone.find("sos-state", state="unsent")).to_be_visible()
    await expect(phone.find("sos-110")).to_have_attribute("href", "tel:110")
    await expect(phone.find("sos-hall")).to_have_attribute("href", "tel:051212345")
    await phone.page.set_viewport_size({"width": 360, "height": 780})
    await phone.page.screenshot(path=tmp_path / "sos-unsent.png")
    await phone.page.unroute(POSITIONS)
    await expect(phone.find("sos-state", state="sent")).to_be_visible()
    card = hall.find("sos", force=county.world.forces["patrol_west"])
    await expect(card).to_be_visible()
    await hall.find("sos-acknowledge").click()
    await phone.find("sos-state").get_by_role("button").click()
    await expect(button).to_be_visible()
