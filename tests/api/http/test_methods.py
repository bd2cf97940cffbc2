"""HEAD, OPTIONS and the methods that a 405 names, on every route there is."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from api.app import ROUTERS
from api.http.methods import methods_at, routes_of
from api.settings import Settings
from tests.worlds import ClientAs

SAMPLES = {
    "{scheme}": "WebMercatorQuad", "{step}": "accept",
    "{collection}": "cameras", "{layer}": "cameras", "{feature}": "1",
    "{name:path}": "index-1a2b.js", "{z}": "3", "{y}": "3", "{x}": "6",
}  # fmt: skip
WRITTEN_APART = {"/api/export/{layer}", "/api/view-export.html"}
"""Files that take seconds are asked for once."""
QUERIES = {"/api/search": "?q=a", "/api/replay": "?at=2026-03-01T00:00:00Z"}
ROUTES: list[BaseRoute] = routes_of(ROUTERS)


def sample_of(path: str) -> str:
    for name, value in SAMPLES.items():
        path = path.replace(name, value)
    return re.sub(r"\{[^}]*\}", "1", path)


def read_paths() -> list[str]:
    paths = {route.path for route in ROUTES if isinstance(route, Route) and "GET" in (route.methods or ())}
    return sorted(path for path in paths if "/positions/" not in path)


@pytest.fixture
def built(settings: Settings) -> None:
    """A small built front end."""
    for name in ("index.html", "public.html"):
        (settings.static_dir / name).write_text("<!doctype html><title>page</title>")
    (settings.static_dir / "assets").mkdir()
    (settings.static_dir / "assets" / "index-1a2b.js").write_text("export {};")
    (settings.static_dir / "view-export").mkdir()
    for name in ("leaflet.js", "leaflet.css"):
        (settings.static_dir / "view-export" / name).write_text("")


async def test_head_is_get_without_the_body_on_every_route(built: None, client_as: ClientAs) -> None:
    client = client_as("operator")
    changing = {"x-request-id", "content-length", "content-security-policy"}
    for path in [*read_paths(), "/api/openapi.json", "/nowhere"]:
        address = sample_of(path) + QUERIES.get(path, "")
        head = await client.head(address)
        assert head.content == b"" and head.status_code != 405, address
        if path in WRITTEN_APART:
            continue
        got = await client.get(address)
        assert head.status_code == got.status_code, address
        assert head.headers.keys() == got.headers.keys(), address
        same = {name for name in got.headers if name not in changing}
        assert {name: head.headers[name] for name in same} == {name: got.headers[name] for name in same}, address


async def test_options_and_405_name_every_method_of_a_path(client: httpx.AsyncClient) -> None:
    for path in sorted({route.path for route in ROUTES if isinstance(route, Route)}):
        address = sample_of(path)
        answer, refused = await client.options(address), await client.request("TRACE", address)
        assert (answer.status_code, answer.content, refused.status_code) == (204, b"", 405), address
        assert answer.headers["allow"] == refused.headers["allow"] == ", ".join(methods_at(address, ROUTES)), address
        assert "x-content-type-options" in answer.headers
    assert (await client.options("/nowhere")).status_code == 404


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/incidents", ["GET", "HEAD", "POST", "OPTIONS"]),
        ("/api/incidents/batch", ["POST", "OPTIONS"]),
        ("/wall", ["GET", "HEAD", "OPTIONS"]),
        ("/api/positions/osmand", ["GET", "POST", "OPTIONS"]),
        ("/nowhere", []),
    ],
)
def test_the_most_literal_route_says_the_methods(path: str, methods: list[str]) -> None:
    assert methods_at(path, ROUTES) == methods


async def test_head_does_not_report_a_position(app: FastAPI, client_as: ClientAs) -> None:
    """The apps' GET reports, and HEAD must change nothing."""
    answer = await client_as("gateway").head("/api/positions/osmand?id=device-patrol_west&lat=31.11&lon=120.61")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, OPTIONS")


async def test_a_slash_at_the_end_is_no_other_address(client_as: ClientAs, built: Path) -> None:
    client = client_as("operator")
    for path in ("/ogc/", "/wall/", "/api/me/"):
        assert (await client.get(path)).status_code == 200
