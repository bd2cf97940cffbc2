"""Indicators in the browser: each reported figure opens its cases by a click, parts by keys; axe finds nothing."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.screens import Screen, Screens
from tests.browser.test_access import axe, findings
from tests.worlds import PACK

__all__ = ["axe"]
pytestmark = pytest.mark.asyncio(loop_scope="session")


async def reported(county: County, number: int, **said: Any) -> None:
    """Report a dispute in the west that closed after two days; or, without `closed_at`, that goes on."""
    lon, lat = county.world.middle_of(county.world.micro_grids(county.world.west)[0])
    body = {"source": "police", "category": "dispute.neighbour", "title": f"纠纷 {number}", "lon": lon, "lat": lat}
    await county.call("source", "POST", "/api/incidents", json=body | {"external_no": f"f-{number}"} | said)


async def opened(screen: Screen, code: str, of: str) -> tuple[int, int]:
    """Open a figure of an indicator by a click; return what it says, and how many cases are listed."""
    await screen.find("indicator", code=code).click()
    await expect(screen.find("indicator-head", code=code)).to_be_visible()
    figure = screen.find(f"indicator-{of}")
    said = int(re.sub(r"\D", "", await figure.inner_text()))
    await figure.click()
    if said:
        await expect(screen.find("figure-cases", shown=said)).to_be_visible()
    else:
        await expect(screen.find("figure-case")).to_have_count(0)
    return said, await screen.find("figure-case").count()


async def test_every_reported_figure_opens_its_cases_by_a_click(screens: Screens, county: County, axe: str) -> None:
    now = datetime.now(UTC)
    for number in range(3):
        began = now - timedelta(days=3 + number)
        times = {"occurred_at": began.isoformat(), "closed_at": (began + timedelta(days=2)).isoformat()}
        await reported(county, number, **times)
    await reported(county, 3)
    await reported(county, 4, category="hazard.fire")
    since = f"{now - timedelta(days=40):%Y-%m-%d}"
    figures = await screens(f"/figures?from={since}", user="supervisor")
    await expect(figures.find("indicator")).to_have_count(len(PACK.indicators.indicators))
    await expect(figures.find("parts")).to_be_visible()
    await expect(figures.find("line-chart")).not_to_have_count(0)
    assert await findings(figures, axe) == []
    for code in [one.code for one in PACK.indicators.indicators if one.reported is not None]:
        said, listed = await opened(figures, code, "numerator")
        assert said == listed, code
    assert await opened(figures, "closed", "numerator") == (3, 3)
    await expect(figures.find("indicator-reported")).to_contain_text("91.01%")
    assert await opened(figures, "closed", "denominator") == (4, 4)
    assert await opened(figures, "police_solved", "numerator") == (0, 0)
    await expect(figures.find("indicator-entire")).to_contain_text("4")

    await figures.find("indicator", code="received").click()
    west = figures.find("part", code=county.world.west.rpartition(".")[2])
    await west.get_by_role("button").last.click()
    await expect(figures.find("figure-cases", shown=4)).to_be_visible()
    await figures.press("b")
    grid = county.world.micro_grids(county.world.west)[0].split(".")[3]
    await figures.find("part", code=grid).get_by_role("button").last.click()
    await expect(figures.find("figure-cases", shown=4)).to_be_visible()
    await figures.press("b", "b")
    await expect(figures.find("figures-by", by="unit")).to_have_attribute("aria-pressed", "true")
    await figures.press("c")
    await expect(figures.find("figure-case").first).to_be_focused()
    await figures.press("Escape", "ArrowDown")
    await expect(figures.find("indicator", code="closed")).to_have_attribute("aria-current", "true")
    assert "indicator=closed" in figures.page.url
    await figures.press("3")
    await expect(figures.find("figures-span", span="month")).to_have_attribute("aria-pressed", "true")
    assert await findings(figures, axe) == []
