"""The planner takes in a sector's network from a file, and sees on the map where it disagrees with the grids."""

from typing import Any

import orjson
import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.screens import Screens
from tests.browser.test_access import axe, findings
from tests.browser.test_plans import PLANS, TOWN

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def network_of(county: County, plan: int) -> bytes:
    """The town's grids as a network, but for the last."""
    lines = await county.call("planner", "GET", f"{PLANS}/{plan}/lines")
    grids = [one for one in lines["features"] if one["properties"]["level"] == "grid"]
    features: list[dict[str, Any]] = [
        {"type": "Feature", "geometry": one["geometry"], "properties": {"code": one["properties"]["code"]}}
        for one in grids[:-1]
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


async def test_a_network_is_tried_taken_in_and_laid_on_the_grids(screens: Screens, county: County, axe: str) -> None:
    body = {"title": "Networks", "division": TOWN}
    plan = (await county.call("planner", "POST", PLANS, json=body))["id"]
    planner = await screens(f"/planner?plan={plan}", user="planner", tolerated=r"status of 422 .*/networks/import")
    await expect(planner.find("plan-state", state="draft")).to_be_visible()
    await planner.press("g")
    await expect(planner.find("networks", loaded="true")).to_be_visible()
    await planner.find("network-file").set_input_files(
        {"name": "party.geojson", "mimeType": "application/geo+json", "buffer": await network_of(county, plan)}
    )
    await expect(planner.find("network-refused", code="network.file")).to_be_visible()
    await planner.page.locator("#network-sector").select_option("party")
    await expect(planner.find("network-would")).to_be_visible()
    await expect(planner.find("disagreement")).to_have_count(0)
    assert await findings(planner, axe) == []
    await planner.find("network-take").click()
    await planner.find("disagreement", sector="party", kind="gap").click()
    await expect(planner.find("network-would")).to_have_count(0)
