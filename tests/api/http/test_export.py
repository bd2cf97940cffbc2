"""Layers as files over HTTP: what the caller may see, and no more."""

import asyncio
import itertools
import json
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response

from api.place.catalogue import ALL
from layers.exports import actions
from layers.exports.apart import Written
from layers.exports.rendering import rendering_of
from layers.exports.rules import TRAITS, Format
from layers.exports.writing import render
from tests.worlds import EAST, WEST, ClientAs, World

LAYERS = [layer.code for layer in ALL if layer.exported]


@pytest.fixture(autouse=True)
def _no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are written in this process: two seconds faster each. The process apart has a test of its own."""

    async def here(job: Mapping[str, Any]) -> Written:
        return Written(**render(rendering_of(job)))

    monkeypatch.setattr(actions, "render_apart", here)


async def exported(client_as: ClientAs, username: str, layer: str, **asked: str) -> Response:
    return await client_as(username).get(f"/api/export/{layer}", params={"format": "geojson", **asked})


async def rows_of(client_as: ClientAs, username: str, layer: str, **asked: str) -> list[dict[str, Any]]:
    answer = await exported(client_as, username, layer, **asked)
    assert answer.status_code == 200, answer.text
    return [feature["properties"] for feature in json.loads(answer.content)["features"]]


async def report(client_as: ClientAs, world: World, town: str) -> None:
    lon, lat = world.middle_of(world.micro_grids(town)[0])
    said = {"source": "hotline", "external_no": town, "category": "dispute.neighbour", "title": "=漏水"}
    assert (await client_as("source").post("/api/incidents", json={**said, "lon": lon, "lat": lat})).status_code == 201


async def test_a_file_comes_with_a_plain_name_and_its_media_type(client_as: ClientAs) -> None:
    for chosen in Format:
        answer = await exported(client_as, "planner", "cameras", format=chosen.value, datum="gcj02")
        assert answer.status_code == 200
        suffix = TRAITS[chosen].suffix
        assert answer.headers["content-disposition"] == f'attachment; filename="cameras-gcj02-20260302{suffix}"'
        assert answer.headers["content-type"] == TRAITS[chosen].media_type
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.content


ROLES = ("operator", "planner", "clerk", "auditor", "patrol_west", "source", "gateway", "wall")


async def test_a_role_that_may_not_read_a_layer_elsewhere_gets_no_file_of_it(client_as: ClientAs) -> None:
    """The same answer as `/ogc` gives, for every role and layer."""
    for username, layer in itertools.product(ROLES, LAYERS):
        page = await client_as(username).get(f"/ogc/collections/{layer}/items", params={"limit": 1})
        answer = await exported(client_as, username, layer)
        assert answer.status_code == page.status_code, (username, layer)
        assert answer.status_code == 200 or answer.json()["code"] == "access.forbidden"


async def test_a_file_ends_at_the_border_of_the_callers_division(client_as: ClientAs, world: World) -> None:
    for town in (WEST, EAST):
        await report(client_as, world, town)
    assert {row["external_no"] for row in await rows_of(client_as, "operator", "incidents")} == {WEST, EAST}
    assert [row["external_no"] for row in await rows_of(client_as, "operator_west", "incidents")] == [WEST]
    assert len(await rows_of(client_as, "operator_west", "forces")) == 7
    narrowed = await rows_of(client_as, "operator", "incidents", division=EAST[-9:])
    assert [row["external_no"] for row in narrowed] == [EAST]
    beyond = await exported(client_as, "operator_west", "incidents", division=EAST[-9:])
    assert (beyond.status_code, beyond.json()["code"]) == (404, "not_found")


async def test_text_of_a_report_cannot_run_as_a_formula(client_as: ClientAs, world: World) -> None:
    await report(client_as, world, WEST)
    answer = await exported(client_as, "operator", "incidents", format="csv")
    assert ",'=漏水," in answer.content.decode("utf-8-sig")


async def test_a_device_is_not_in_a_file_over_http(client_as: ClientAs) -> None:
    """It is what a phone sends positions by, and no other answer has it."""
    answer = await exported(client_as, "operator", "forces")
    assert "device" not in answer.text


async def test_a_walls_hotspots_are_as_coarse_as_its_incidents(client_as: ClientAs, world: World) -> None:
    await report(client_as, world, WEST)
    for username, count in (("wall", 0), ("planner", 0), ("operator", 1)):
        cells = [row for row in await rows_of(client_as, username, "hotspots") if row["count"]]
        assert [cell["res"] for cell in cells] == [9] * count, username


async def test_counts_of_one_grid_are_only_for_those_who_may_read_incidents(client_as: ClientAs, world: World) -> None:
    grid, village = (world.micro_grids(WEST)[0].split(".")[depth] for depth in (-2, -3))
    for username, code, layer, status in (
        ("planner", grid, "hotspots", 403),
        ("patrol_west", grid, "hotspots", 403),
        ("planner", grid, "cameras", 200),
        ("planner", village, "hotspots", 200),
        ("auditor", grid, "hotspots", 200),
    ):
        answer = await client_as(username).get(f"/api/export/{layer}", params={"division": code, "format": "csv"})
        assert answer.status_code == status, (username, code, layer)


WRONG: tuple[tuple[str, dict[str, str], int, str], ...] = (
    ("rivers", {}, 404, "not_found"),
    ("divisions_label", {}, 404, "not_found"),
    ("cameras", {"format": "pdf"}, 422, "invalid"),
    ("cameras", {"datum": "beijing54"}, 422, "invalid"),
    ("cameras", {"day": "2026-03-01"}, 422, "export.not_dated"),
    ("grids", {"day": "yesterday"}, 422, "invalid"),
    ("grids", {"division": "nowhere"}, 404, "not_found"),
)


async def test_an_unknown_layer_format_datum_day_and_division_are_refused(client_as: ClientAs) -> None:
    for path, asked, status, code in WRONG:
        answer = await exported(client_as, "operator", path, **asked)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, asked)


async def test_an_export_needs_a_sign_in(client: Any) -> None:
    assert (await client.get("/api/export/cameras")).status_code == 401


async def test_no_connection_is_held_while_a_file_is_written(
    app: FastAPI, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, held = app.state.services.store.engine.pool, []
    before = pool.checkedout()

    async def look(job: Mapping[str, Any]) -> Written:
        held.append(pool.checkedout() - before)
        return Written(**render(rendering_of(job)))

    monkeypatch.setattr(actions, "render_apart", look)
    assert (await exported(client_as, "operator", "cameras")).status_code == 200
    assert held == [0]


async def test_two_accounts_write_files_at_once_and_their_second_files_wait(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, most, free = 0, 0, asyncio.Event()

    async def slowly(job: Mapping[str, Any]) -> Written:
        nonlocal begun, most
        begun += 1
        most = max(most, begun)
        if most == 2:
            free.set()
        await free.wait()
        begun -= 1
        return Written(**render(rendering_of(job)))

    monkeypatch.setattr(actions, "render_apart", slowly)
    accounts = ("operator", "operator", "supervisor", "auditor")
    answers = await asyncio.gather(*(exported(client_as, account, "cameras") for account in accounts))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert most == 2
