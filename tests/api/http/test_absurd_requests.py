"""Addresses and headers that no client sends in good faith: each gets an answer that is no fault of ours."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import ROUTERS
from api.http.sign_in.sessions import COOKIE
from tests.worlds import ClientAs

LONG = "x" * 5000
ABSURD = (LONG, "%00", "%ff%fe", "%ed%a0%80", "..%2f..%2fetc%2fpasswd", "%0d%0a", "9" * 5000, "-1", "1e999", "🙂" * 300)
HEADERS = (
    {"Authorization": "Basic " + "A" * 8000},
    {"Authorization": "Bearer " + LONG},
    {"Authorization": LONG},
    {"Authorization": b"Basic \xff\xfe"},
    {"Authorization": b"Bearer \xff\xfe"},
    {"Cookie": f"{COOKIE}={LONG}"},
    {"Cookie": ";" * 5000},
    {"Cookie": "maplebridge_device=" + "." * 300},
    {"Accept-Language": "en," * 3000},
    {"If-Match": LONG, "If-None-Match": LONG},
    {"Idempotency-Key": LONG},
    {"Range": "bytes=" + "0-0," * 1000, "Accept-Encoding": LONG},
    {"Content-Type": LONG},
    {"Content-Type": "multipart/form-data"},
    {"Content-Type": "application/json; charset=nonsense"},
    {"X-Forwarded-For": LONG, "X-Request-Id": LONG},
)


def paths() -> Iterator[str]:
    """Each GET address with absurd words for its parameters, in its path and in its query."""
    for route in (each for router in ROUTERS for each in iter_route_contexts(router.routes)):
        if not isinstance(route.original_route, APIRoute) or "GET" not in (route.methods or ()):
            continue
        template = str(route.path)
        if "{" in template:
            yield from (re.sub(r"\{[^}]+\}", word, template) for word in ABSURD)
        yield from (f"{re.sub(r'{[^}]+}', '1', template)}?{query}" for query in queries(route.original_route))


def queries(route: APIRoute) -> Iterator[str]:
    names = [field.alias for field in route.dependant.query_params]
    for word in ABSURD[:2]:
        yield "&".join(f"{name}={word}" for name in names) or f"{word}={word}"


async def test_no_absurd_address_is_a_fault(client_as: ClientAs) -> None:
    client, faults = client_as("operator"), []
    for path in paths():
        answer = await client.get(path)
        if answer.status_code >= 500 and answer.json()["code"] != "view_export.assets_missing":
            faults.append((path[:80], answer.status_code))
        assert len(answer.content) < 20_000 or answer.status_code == 200, path[:80]
    assert faults == []


async def test_no_absurd_header_is_a_fault(client: httpx.AsyncClient, client_as: ClientAs) -> None:
    for headers in HEADERS:
        for path in ("/ogc/collections", "/api/session", "/api/positions/osmand", "/api/me"):
            for who in (client, client_as("gateway")):
                posted = await who.post(path, headers=headers, content=b"\xff")
                assert posted.status_code < 500, (headers, path)
        assert (await client.get("/ogc/collections", headers=headers)).status_code < 500, headers


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/api/health?" + "a&" * 5000, {}, 414, "address.too_long"),
        ("/assets/" + "a/" * 5000, {}, 414, "address.too_long"),
        ("/api/session", {"Cookie": "a=b;" * 10_000}, 431, "headers.too_large"),
        ("/", {f"X-{i}": "" for i in range(201)}, 431, "headers.too_large"),
    ],
)
async def test_a_long_head_is_refused_before_it_is_parsed(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(answer.content) < 500 and answer.headers["x-request-id"]


async def test_a_file_name_that_no_disk_has_is_not_found(client: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "map.js").write_text("1")
    for name in (LONG, "a/" * 2000, "枫" * 200, "map.js/more", "%2e%2e/%2e%2e/etc/passwd"):
        answer = await client.get(f"/assets/{name}")
        assert answer.status_code == 404 and len(answer.content) < 500, name[:20]
    assert (await client.get("/assets/map.js")).status_code == 200
