"""Exported views: their content for each role, and that they work offline."""

import re
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from api.http.routers import view_export
from api.http.view_export.incidents import urgency_of
from api.settings import ROOT as CHECKOUT
from api.settings import Settings
from geo.masking import mask_place
from layers.view_export import Assets, Label, Sheet, StyledFeatures
from layers.view_export_folium import render
from layers.view_export_page import policy_of
from tests.worlds import EAST, NOW, WEST, ClientAs, World

LEAFLET = CHECKOUT / "static" / "node_modules" / "leaflet" / "dist"
CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7*7 }}{% endraw %}"


def leaflet() -> Assets:
    if not (LEAFLET / "leaflet.js").is_file():
        pytest.skip("the front end's packages are not installed, and Leaflet is one of them")
    return Assets((LEAFLET / "leaflet.js").read_text("utf-8"), (LEAFLET / "leaflet.css").read_text("utf-8"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    assets = leaflet()
    (tmp_path / "view-export").mkdir()
    (tmp_path / "view-export" / "leaflet.js").write_text(assets.script, "utf-8")
    (tmp_path / "view-export" / "leaflet.css").write_text(assets.style, "utf-8")
    return Settings(data_dir=tmp_path, static_dir=tmp_path)


async def report(client_as: ClientAs, world: World, town: str, title: str) -> dict[str, Any]:
    lon, lat = world.middle_of(world.micro_grids(town)[0])
    body = {"source": "hotline", "category": "dispute.neighbour", "title": title, "lon": lon, "lat": lat}
    answer = await client_as("source").post("/api/incidents", json=body)
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


def hostile_sheet() -> Sheet:
    square = {"type": "Polygon", "coordinates": [[[120, 31], [121, 31], [121, 32], [120, 32], [120, 31]]]}
    feature = {"type": "Feature", "id": 1, "geometry": square, "properties": {"name": HOSTILE}}
    drawn = StyledFeatures(HOSTILE, [feature], "#8aa0b8", tooltip={"name": HOSTILE})
    return Sheet(HOSTILE, [(HOSTILE, HOSTILE)], (120, 31, 121, 32), [drawn], [Label(120.5, 31.5, HOSTILE)])


SHOWN_NAMES = """() => [...document.querySelectorAll('.name:not(.hidden)')].map((name) => {
    const { left, right, top, bottom } = name.getBoundingClientRect();
    return [left, right, top, bottom];
})"""


def overlapping(boxes: list[list[float]]) -> int:
    pairs = combinations(boxes, 2)
    return sum(a[0] < b[1] and b[0] < a[1] and a[2] < b[3] and b[2] < a[3] for a, b in pairs)


needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no {CHROMIUM}: `./maplebridge test` installs it")


async def opened(file: Path) -> dict[str, Any]:
    """Open a file in a browser without network; return requests, errors, and what is drawn."""
    seen: dict[str, Any] = {"requests": [], "complaints": []}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = await (await browser.new_context(offline=True)).new_page()
        page.on("request", lambda request: seen["requests"].append(request.url))
        page.on("console", lambda message: seen["complaints"].append(message.text))
        page.on("pageerror", lambda error: seen["complaints"].append(str(error)))
        page.on("dialog", lambda dialog: seen["complaints"].append(dialog.message))
        await page.goto(file.as_uri())
        seen["paths"] = await page.evaluate("document.querySelectorAll('path.leaflet-interactive').length")
        seen["names"] = await page.evaluate("[...document.querySelectorAll('.name')].map((name) => name.innerText)")
        seen["legend"] = await page.evaluate("document.querySelector('.sheet').innerText")
        await page.evaluate("() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted, 50)))")
        seen["boxes"] = await page.evaluate(SHOWN_NAMES)
        seen["bunches"] = await page.evaluate("[...document.querySelectorAll('.bunch')].map((one) => one.innerText)")
        seen["scale"] = await page.evaluate("document.querySelector('.leaflet-control-scale-line')?.innerText ?? ''")
        await browser.close()
    return seen


@needs_chromium
@pytest.mark.served
async def test_an_offline_browser_draws_everything(client_as: ClientAs, world: World, tmp_path: Path) -> None:
    for title in ("Noise", "Smoke"):
        await report(client_as, world, WEST, title)
    answer = await client_as("operator").get("/api/view-export.html", params={"lang": "en"})
    assert answer.status_code == 200
    assert re.fullmatch(r'attachment; filename="maplebridge-20260302-1000.html"', answer.headers["content-disposition"])
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'; script-src")
    file = tmp_path / "sheet.html"
    file.write_text(answer.text, "utf-8")
    seen = await opened(file)
    assert seen["requests"] == [file.as_uri()] and seen["complaints"] == []
    assert seen["paths"] >= 31 + 8 + 1 + 1
    assert "West South Village grid 1-1" in seen["names"]
    assert 0 < len(seen["boxes"]) < len(seen["names"])
    assert overlapping(seen["boxes"]) == 0
    assert seen["bunches"] == ["2"] and re.fullmatch(r"\d+ k?m", seen["scale"])
    for fact in (
        "GS(2024)0650号",
        "2026-03-02 10:00",
        "320509",
        "Hotspots 24h",
        "Open incidents (2)",
        "Made by",
        "operator",
    ):
        assert fact in seen["legend"]


@needs_chromium
@pytest.mark.served
async def test_reported_text_is_never_executed(tmp_path: Path) -> None:
    file = tmp_path / "sheet.html"
    file.write_text(render(hostile_sheet(), leaflet()), "utf-8")
    seen = await opened(file)
    assert seen["requests"] == [file.as_uri()] and seen["complaints"] == []
    assert seen["names"] == [HOSTILE] and seen["paths"] == 1 and HOSTILE in seen["legend"]


def test_the_policy_allows_its_own_scripts_only() -> None:
    page = render(hostile_sheet(), leaflet())
    assert page.count("<script") == policy_of(page).count("'sha256-") == 3
    assert f'content="{policy_of(page)}"' in page
    assert not re.search(r"""(?:src|url)\s*[=(]\s*["']?https?:""", page)


async def test_the_file_has_no_reported_text_and_no_other_town(client_as: ClientAs, world: World) -> None:
    west = await report(client_as, world, WEST, "Canary of the west")
    east = await report(client_as, world, EAST, "Canary of the east")
    whole = (await client_as("operator").get("/api/view-export.html")).text
    assert west["case_code"] in whole and east["case_code"] in whole and "Canary" not in whole
    town = (await client_as("operator_west").get("/api/view-export.html")).text
    assert west["case_code"] in town and east["case_code"] not in town
    assert "West South Village" in town and not re.search(r"East (Town|South|North)", town)


async def test_a_wall_gets_incidents_without_code_and_exact_place(client_as: ClientAs, world: World) -> None:
    incident = await report(client_as, world, WEST, "Noise")
    exact = f"{incident['lon']}, {incident['lat']}"
    assert exact in (await client_as("operator").get("/api/view-export.html")).text
    wall = (await client_as("wall").get("/api/view-export.html")).text
    assert incident["case_code"] not in wall and exact not in wall and "未办结事件 (1)" in wall
    assert "未办结事件" not in (await client_as("admin").get("/api/view-export.html")).text


async def test_a_box_does_not_tell_where_in_its_cell_a_masked_incident_lies(client_as: ClientAs, world: World) -> None:
    incident = await report(client_as, world, WEST, "Noise")
    lon, lat = incident["lon"], incident["lat"]
    exact = {"bbox": f"{lon - 1e-4},{lat - 1e-4},{lon + 1e-4},{lat + 1e-4}", "layers": "incidents"}
    lon, lat = mask_place(lon, lat)
    masked = {"bbox": f"{lon - 1e-4},{lat - 1e-4},{lon + 1e-4},{lat + 1e-4}", "layers": "incidents"}
    for username, bbox, count in (("operator", exact, 1), ("planner", exact, 0), ("planner", masked, 1)):
        assert f"未办结事件 ({count})" in (await client_as(username).get("/api/view-export.html", params=bbox)).text


async def test_bbox_and_layers_select_the_content(client_as: ClientAs, world: World) -> None:
    client = client_as("operator")
    lon, lat = world.middle_of(world.micro_grids()[0])
    box = f"{lon - 0.002},{lat - 0.002},{lon + 0.002},{lat + 0.002}"
    part = (await client.get("/api/view-export.html", params={"bbox": box, "layers": "cameras"})).text
    assert "Camera 1" in part and "Camera 8" not in part and "热点" not in part
    assert (await client.get("/api/view-export.html", params={"bbox": "1,2"})).status_code == 422
    assert (await client_as("source").get("/api/view-export.html")).status_code == 403


@pytest.mark.parametrize("layers", ["nonsense", "incidents,hexs", "incidents,"])
async def test_an_unknown_layer_is_refused_by_name(client_as: ClientAs, layers: str) -> None:
    answer = await client_as("operator").get("/api/view-export.html", params={"layers": layers})
    assert answer.status_code == 422
    (error,) = answer.json()["params"]["errors"]
    assert (error["field"], error["code"], error["value"] in layers.split(",")) == ("layers", "unknown", True)


async def test_open_incidents_are_listed_by_urgency_in_the_halls_colours(client_as: ClientAs, world: World) -> None:
    incident = await report(client_as, world, WEST, "Noise")
    listed = (await client_as("operator").get("/api/view-export.html", params={"lang": "en"})).text.partition(
        "List of open incidents (1)"
    )[2]
    assert f"<td>{incident['case_code']}</td>" in listed
    assert "West South Village</td>" in listed
    assert "List of open incidents" not in (await client_as("admin").get("/api/view-export.html?lang=en")).text


def test_urgency_is_that_of_the_screens() -> None:
    def urgency(minutes_left: int, *, status: str = "registered", risk: str = "low") -> str:
        due = NOW + timedelta(minutes=minutes_left)
        times = {"registered_at": (due - timedelta(minutes=60)).isoformat(), "first_due_at": due.isoformat()}
        return urgency_of({"status": status, "risk": risk, **times}, now=NOW, top_risk="high")

    assert [urgency(minutes) for minutes in (0, 1, 20, 21, 60)] == ["now", "soon", "soon", "wait", "wait"]
    assert urgency(60, risk="high") == "now"
    assert urgency(-5, status="assigned", risk="high") == "served"


async def test_without_the_front_end_the_missing_build_is_reported(
    client_as: ClientAs, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "view-export" / "leaflet.js").unlink()
    answer = await client_as("operator").get("/api/view-export.html")
    assert (answer.status_code, answer.json()["code"]) == (503, "view_export.assets_missing")


async def test_a_view_that_is_too_much_is_refused_by_its_own_code(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The advice for other exports, a division or a day, would not help: a smaller view does."""
    monkeypatch.setattr(view_export, "RENDERING", "no_such_module")
    answer = await client_as("operator").get("/api/view-export.html", params={"layers": "cameras"})
    assert (answer.status_code, answer.json()["code"]) == (422, "view_export.too_demanding")
