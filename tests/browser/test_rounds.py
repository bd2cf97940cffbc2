"""Rounds and visits of a phone, without a network and with one, as the record says them; and a task that goes back."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.county import County
from tests.browser.muting import muting_proxy
from tests.browser.screens import Screen, Screens
from tests.browser.test_access import AXE, findings

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEGREE_M = 111_195
"""Of latitude, as distances are reckoned."""
WHILE_AWAY = r"net::ERR_|WebSocket connection"
SMALLER = """() => [...document.querySelectorAll("[data-testid=rounds] :is(button, summary, input, select)")]
  .filter((one) => one.offsetHeight > 0 && one.offsetHeight < 48).map((one) => one.outerHTML)"""
PLACES = {"near": 12, "far": 300}


async def planned(county: County) -> dict[str, Any]:
    """A route of ten points in a western grid."""
    path = county.world.micro_grids()[0]
    lon, lat = county.world.middle_of(path)
    points = [{"name": f"Gate {i + 1}", "lon": lon + 0.0002 * i, "lat": lat} for i in range(10)]
    body = {"grid": path.split(".")[-2], "name": "East bank", "points": points}
    made: dict[str, Any] = await county.call("supervisor", "POST", "/api/patrol-routes", json=body)
    return made


async def report(phone: Screen, n: int, *, how: str, said: str = "") -> None:
    """Open a point and report it."""
    row = phone.find("round-point", point=n)
    await row.get_by_test_id("round-open").click()
    if field := {"qr": "mark-code", "left_out": "mark-reason"}.get(how):
        await row.get_by_test_id(field).fill(said)
    await row.get_by_test_id(f"mark-{how}").click()
    await expect(phone.find("round-point", point=n, how=how)).to_be_visible()


async def test_the_record_of_a_round_without_a_network_says_how_each_point_was_reported_and_from_how_far(
    screens: Screens, county: County, tmp_path: Path
) -> None:
    await county.within_one_day()
    route = await planned(county)
    async with muting_proxy(county.server.port) as proxy:
        screens.url = proxy.url
        phone = await screens.phone(tolerated=WHILE_AWAY)
        page, context = phone.page, phone.page.context
        await context.grant_permissions(["geolocation"])
        await phone.find("round-start", route=route["id"]).click()
        await expect(phone.find("unsent", n=0)).to_be_visible()
        await expect(phone.find("round-point", unsent="false")).to_have_count(10)
        hows = {4: ("qr", route["points"][3]["code"].lower()), 5: ("left_out", "Locked"), 6: ("left_out", "Locked")}
        for n, point in enumerate(route["points"], start=1):
            metres = PLACES["far" if n == 7 else "near"]
            place = {"longitude": point["lon"], "latitude": point["lat"] + metres / DEGREE_M, "accuracy": 8}
            await context.set_geolocation(place)
            if n == 4:
                await expect(phone.find("unsent", n=0)).to_be_visible()
                await proxy.cut()
            how, said = hows.get(n, ("place", ""))
            await report(phone, n, how=how, said=said)
        await expect(phone.find("round-point", unsent="true")).to_have_count(7)
        await phone.find("round-point", point=7).get_by_test_id("round-open").click()
        for width in (360, 390):
            await page.set_viewport_size({"width": width, "height": 844})
            await page.screenshot(path=tmp_path / f"round-{width}.png")
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await findings(phone, AXE.read_text(encoding="utf8")) == []
        await phone.find("visit").locator("summary").click()
        await phone.find("visit-count").fill("3")
        await phone.find("visit-matter").fill("Flood season")
        assert await page.evaluate(SMALLER) == []
        await phone.find("visit-send").click()
        await expect(phone.find("visit-done")).to_be_visible()
        await phone.find("report").locator("summary").click()
        await phone.find("report-category").select_option("hazard.road")
        await phone.find("report-title").fill("Sunken road at gate 10")
        await phone.find("report-send").click()
        await expect(phone.find("report-kept")).to_be_visible()
        await phone.find("round-end").click()
        await expect(phone.find("unsent", n=10)).to_be_visible()
        lines = phone.find("round-record").locator("li")
        await phone.find("round-record").locator("summary").click()
        told = await lines.all_inner_texts()
        near, far = "距点位 12 米处上报（±8 米）", "距点位 300 米处上报（±8 米） · 离点位较远"
        assert [n for n, line in enumerate(told, start=1) if near in line] == [1, 2, 3, 4, 8, 9, 10]
        assert [n for n, line in enumerate(told, start=1) if far in line] == [7]
        assert [n for n, line in enumerate(told, start=1) if "未到：Locked" in line] == [5, 6]
        assert "按编码上报" in told[3] and "证" not in "".join(told)
        proxy.mend()
        await expect(phone.find("unsent", n=0)).to_be_visible()
        await expect(phone.find("visit-today")).to_contain_text("3")
    kept = (await county.call("operator", "GET", "/api/rounds"))["items"][0]
    hows_kept = [point["last"]["how"] for point in kept["points"]]
    assert hows_kept == ["place"] * 3 + ["qr"] + ["left_out"] * 2 + ["place"] * 4
    assert (kept["checked"], kept["left_out"], kept["far"], kept["unreported"]) == (8, 2, 1, 0)
    said = (await county.call("operator", "GET", "/api/incidents?category=hazard.road"))["items"]
    [reported] = [one for one in said if one["title"] == "Sunken road at gate 10"]
    assert round(reported["lon"], 5) == round(route["points"][9]["lon"], 5)
    screens.url = county.url
    desk = await screens("/lists?tab=rounds", user="supervisor")
    await expect(desk.find("round-row", round=kept["id"]).locator("li")).to_have_count(10)
    await expect(desk.find("round-row", round=kept["id"]).locator("li").nth(6)).to_contain_text(far)
    await expect(desk.find("visit-row", grid=route["grid"])).to_contain_text("3")
    await desk.find("route-slips").locator("summary").click()
    await desk.page.evaluate("() => { window.print = () => undefined }")
    await desk.find("route-row", route=route["id"]).get_by_test_id("slips-print").click()
    await desk.page.emulate_media(media="print")
    slips = desk.find("slips").locator("figure")
    codes = await slips.evaluate_all("(all) => all.map((one) => one.dataset.code)")
    assert codes == [point["code"] for point in route["points"]]
    await expect(slips.first).to_be_visible()
    await desk.page.screenshot(path=tmp_path / "slips.png")
    await desk.page.emulate_media(media="screen")
    await county.call("supervisor", "POST", f"/api/patrol-routes/{route['id']}/retire")


async def test_a_task_that_the_grids_list_forbids_goes_back_and_is_counted_for_its_sender(
    screens: Screens, county: County, tmp_path: Path
) -> None:
    services = [{"title": "催收物业费", "verdict": "forbidden"}, {"title": "矛盾排查", "verdict": "allowed"}]
    await county.call("supervisor", "PUT", f"/api/divisions/{county.world.root}/services", json={"items": services})
    phone = await screens.phone()
    incident = await county.report("Who pays the caretaker")
    force = county.world.forces["patrol_west"]
    task = await county.call("operator", "POST", f"/api/incidents/{incident['id']}/tasks", json={"force": force})
    await phone.find("step-decline").click()
    await phone.find("decline-not_permitted").click()
    await expect(phone.find("service-other")).to_be_visible()
    await phone.page.screenshot(path=tmp_path / "not-permitted.png")
    await phone.find("service", service="催收物业费").click()
    await expect(phone.find("patrol-task")).to_have_count(0)
    await expect(phone.find("unsent", n=0)).to_be_visible()
    desk = await screens("/lists?tab=returned", user="operator")
    await expect(desk.find("returned-task", task=task["id"])).to_contain_text("催收物业费")
    await expect(desk.find("returned-count")).to_have_count(1)
