"""Finding any force for an incident, by role and by name; when it arrives, and why it stands where it stands."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.screens import Screen, Screens

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def open_reported(hall: Screen, incident: dict[str, Any]) -> None:
    await expect(hall.find("queue-row", incident=incident["id"])).to_be_visible()
    await hall.press("j", "Enter")


async def test_any_force_is_found_by_name_and_says_when_it_arrives(screens: Screens) -> None:
    county = screens.county
    await county.on_duty("patrol_west", "patrol_east", "mediator_west", "grid_1")
    lon, lat = county.world.middle_of(county.world.west)
    await county.stand("patrol_east", lon + 0.004, lat + 0.004)
    hall = await screens.hall()
    await open_reported(hall, await county.report("Uneven lid", category="hazard.road", risk="low"))
    candidates = hall.find("candidate")
    await expect(candidates).to_have_count(3)
    arrives = {"zh-CN": r"约 \d+ 分钟到达", "en-GB": r"Arrives in ~\d+ min"}
    async for locale in hall.in_each_language():
        for text in await candidates.all_inner_texts():
            assert re.search(arrives[locale], text), text
            assert "-" not in text and "−" not in text, "no negative headline"
        await expect(hall.find("reasons")).to_contain_text("By car" if locale.startswith("en") else "汽车")

    await hall.find("find-force").fill("mediator_w")
    await expect(candidates).to_have_count(0)
    mediator = hall.find("excluded").locator("[data-code=not_responsible]")
    await expect(mediator).to_have_count(1)
    await expect(mediator).to_be_visible()

    await hall.find("find-force").fill("patrol_e")
    await expect(candidates).to_have_count(1)
    await hall.press("Enter")
    await expect(hall.find("candidate", force=county.world.forces["patrol_east"])).to_have_attribute(
        "aria-pressed", "true"
    )
    await hall.press("d")
    await expect(hall.find("task")).to_contain_text("patrol_east")


async def test_a_force_that_may_only_support_is_listed_for_that_role_and_sent_in_it(screens: Screens) -> None:
    county = screens.county
    await county.on_duty("patrol_west")
    hall = await screens.hall()
    await open_reported(hall, await county.report("Smoke", category="hazard.fire", risk="high"))
    await expect(hall.find("candidate")).to_have_count(0)
    await hall.find("excluded").locator("summary").click()
    await expect(hall.find("excluded").locator("[data-code=support_only]").first).to_be_visible()
    await hall.find("for-support").click()
    await expect(hall.find("candidate")).to_have_count(1)
    await hall.find("candidate").click()
    await hall.page.evaluate("() => document.activeElement?.blur()")
    await hall.press("d")
    await expect(hall.find("task")).to_have_count(1)
    [task] = (await county.call("operator", "GET", "/api/tasks?limit=1"))["items"]
    assert task["role"] == "support"
