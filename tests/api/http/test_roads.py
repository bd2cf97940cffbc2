"""Travel by road over HTTP: the county tells which roads there are, and candidates and tasks go by them."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from shutil import copy
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from geo.store import Store
from layers.roads.engines import Engine, refusal
from layers.roads.graph import GraphInfo, Roads, graph_file
from layers.roads.rules import Action
from tests.reporting import report
from tests.roads import built, needs_library, street_grid, write_roads
from tests.worlds import LAT, LON, SIDE, ClientAs, World

pytestmark = pytest.mark.served


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph of streets over the whole county."""
    needs_library()
    folder = tmp_path_factory.mktemp("roads")
    built(write_roads(folder / "county.osm.pbf", *street_grid(LON, LAT, columns=9, rows=9, step=SIDE / 2)), folder)
    return folder


@pytest.fixture
def roads(app: FastAPI, folder: Path) -> Roads:
    """The server's roads, which it finds in that folder."""
    roads: Roads = app.state.services.roads
    roads.folder = folder
    return roads


async def ranking(client: httpx.AsyncClient, incident: int) -> list[dict[str, Any]]:
    answer = await client.get(f"/api/incidents/{incident}/candidates")
    assert answer.status_code == 200
    candidates: list[dict[str, Any]] = answer.json()["candidates"]
    return candidates


async def first_of(client: httpx.AsyncClient, incident: int) -> dict[str, Any]:
    return (await ranking(client, incident))[0]


async def test_without_roads_travel_is_an_estimate(client_as: ClientAs, store: Store, world: World) -> None:
    incident = await report(store, world, world.micro_grids()[0])
    operator = client_as("operator")
    assert (await operator.get("/api/county")).json()["roads"] is None
    travel = (await first_of(operator, incident))["reasons"][0]
    assert travel["params"].keys() == {"mode", "distance_m"}
    way = await operator.get(f"/api/incidents/{incident}/ways/{world.forces['patrol_west']}")
    assert (way.status_code, way.json()) == (200, None)


async def test_with_roads_candidates_and_tasks_go_by_them(
    client_as: ClientAs, store: Store, world: World, roads: Roads, folder: Path
) -> None:
    incident = await report(store, world, world.micro_grids()[0])
    operator = client_as("operator")
    told = (await operator.get("/api/county")).json()["roads"]
    info = GraphInfo.load(folder)
    assert info is not None and told["version"] == info.version and told["engine"] == "library"
    assert told["origin"] == "given" and told["credit"] == "© OpenStreetMap contributors" and told["built_at"]
    first = await first_of(operator, incident)
    travel = first["reasons"][0]
    assert travel["code"] == "travel" and travel["params"]["route_m"] > 0
    way = (await operator.get(f"/api/incidents/{incident}/ways/{first['force']}")).json()
    assert way["route_m"] == pytest.approx(travel["params"]["route_m"], abs=2) and len(way["line"]) > 1
    task = (await operator.post(f"/api/incidents/{incident}/tasks", json={"force": first["force"]})).json()
    assert (task["cost_minutes"], task["eta_minutes"]) == (first["cost_minutes"], first["eta_minutes"])
    patrol, force = client_as("patrol_west"), world.forces["patrol_west"]
    own = f"/api/incidents/{incident}/ways/{force}"
    assert (await patrol.get(own)).status_code == 404, "not on its way there"
    body = {"force": force, "role": "support"}
    assert (await operator.post(f"/api/incidents/{incident}/tasks", json=body)).status_code == 201
    told = (await patrol.get(own)).json()
    assert told["route_m"] > 0 and told == (await operator.get(own)).json()
    assert (await patrol.get(f"/api/incidents/{incident}/ways/{first['force']}")).status_code == 404, "another's"
    assert (await client_as("wall").get(own)).status_code == 403


class NoClosures:
    """A server whose own limit allows no closed areas: 167 is Valhalla's code for that."""

    name = "server"

    def __init__(self, inner: Engine) -> None:
        self._inner = inner

    def ask(self, action: Action, request: Mapping[str, Any]) -> Any:
        if "exclude_polygons" in request:
            raise refusal(167, "Exceeded maximum circumference for exclude_polygons")
        return self._inner.ask(action, request)

    def close(self) -> None:
        self._inner.close()


async def test_a_server_that_refuses_closed_areas_leaves_estimates_that_say_so(
    client_as: ClientAs, store: Store, world: World, roads: Roads
) -> None:
    """Nobody is told a way across a closed road, nothing fails, and the keeper is told."""
    operator, place = client_as("operator"), world.micro_grids()[0]
    incident, (lon, lat) = await report(store, world, place), world.middle_of(place)
    graph = roads.now()
    assert graph is not None
    roads.server, roads._graph = NoClosures(graph.engine), None
    line = [[lon - 0.3 * SIDE, lat - 0.2 * SIDE], [lon + 0.3 * SIDE, lat + 0.2 * SIDE]]
    closing = {
        "drawn": "line",
        "points": line,
        "modes": ["walk", "bike", "ebike", "motorbike", "car"],
        "reason": "赶集",
    }
    assert "route_m" in (await first_of(operator, incident))["reasons"][0]["params"] and not roads.failing
    closure = (await operator.post("/api/closures", json=closing)).json()
    params = [one["reasons"][0]["params"] for one in await ranking(operator, incident)]
    assert params and all("distance_m" in one and one["doubt"] == "closures" for one in params)
    troubles = (await operator.get("/api/health")).json()["troubles"]
    assert "roads.failing" in {one["code"] for one in troubles}
    assert (await operator.post(f"/api/closures/{closure['id']}/lift", json={})).is_success
    assert "route_m" in (await first_of(operator, incident))["reasons"][0]["params"] and not roads.failing


async def test_a_proposal_goes_by_the_same_ways(client_as: ClientAs, store: Store, world: World, roads: Roads) -> None:
    incidents = [await report(store, world, world.micro_grids()[i]) for i in (0, 5)]
    operator = client_as("operator")
    found = (await operator.post("/api/dispatch/proposals", json={"incidents": incidents})).json()
    assert found["by_road"] and len(found["assignments"]) == 2
    for row in found["assignments"]:
        ranked = {one["force"]: one for one in await ranking(operator, row["incident"])}
        assert row["minutes"] == ranked[row["force"]]["cost_minutes"]
        assert row["reasons"] == ranked[row["force"]]["reasons"]
        assert row["reasons"][0]["params"]["route_m"] > 0


async def test_graphs_take_turns_under_rankings(
    client_as: ClientAs, store: Store, world: World, roads: Roads, folder: Path, tmp_path: Path
) -> None:
    """Two graphs take each other's place while rankings are asked: none fails, and each is wholly of one graph."""
    incident = await report(store, world, world.micro_grids()[0])
    operator = client_as("operator")
    dense = GraphInfo.load(folder)
    sparse = built(
        write_roads(tmp_path / "a.osm.pbf", *street_grid(LON, LAT, columns=3, rows=3, step=2 * SIDE)), tmp_path
    )
    assert dense is not None
    copy(graph_file(folder, dense.version), tmp_path)
    roads.folder = tmp_path
    expected = []
    for graph in (sparse, dense):
        graph.save(tmp_path)
        assert (await operator.get("/api/county")).json()["roads"]["version"] == graph.version
        expected.append(await ranking(operator, incident))
    assert expected[0] != expected[1]
    for turn in range(3):
        asked = [asyncio.ensure_future(ranking(operator, incident)) for _ in range(8)]
        await asked[turn]
        (sparse if turn % 2 else dense).save(tmp_path)
        await asked[turn + 1]
        (dense if turn % 2 else sparse).save(tmp_path)
        answers = await asyncio.gather(*asked)
        assert all(answer in expected for answer in answers)
