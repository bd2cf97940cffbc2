"""The 15-minute circle in the hall: its key, its figures, and its map."""

import pytest
from playwright.async_api import expect

from tests.browser.screens import Screens
from tests.worlds import LAT, LON, SIDE

pytestmark = pytest.mark.asyncio(loop_scope="session")

EMPTY = (LON + 0.6 * SIDE, LAT + 1.6 * SIDE)
"""A place without a mark."""


async def test_the_circle_opens_with_its_key_and_is_on_the_map_while_it_is_open(screens: Screens) -> None:
    hall = await screens.hall()
    ground = await hall.colour_at(*EMPTY)
    await hall.press("c")
    await hall.page.locator(".who select").select_option("all")
    await expect(hall.find("reach")).to_contain_text("8 / 8")

    async def tinted() -> bool:
        return await hall.colour_at(*EMPTY) != ground

    async def bare() -> bool:
        return await hall.colour_at(*EMPTY) == ground

    await hall.until(tinted)
    await hall.press("Escape")
    await expect(hall.find("reach")).to_have_count(0)
    await hall.until(bare)
