"""The 15-minute circle over HTTP: its shape, and who may see it."""

import pytest
from sqlalchemy import update

from console.forces.tables import Force
from geo.store import Reach, Store
from tests.reporting import report
from tests.worlds import ROOT, ClientAs, World


async def test_the_circle_tells_shares_holes_and_the_move(client_as: ClientAs, store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Force).values(duty="off"))
        await session.execute(update(Force).where(Force.code.in_(["grid_1", "grid_2"])).values(duty="on"))
    incident = await report(store, world, world.micro_grids()[-1])
    operator = client_as("operator")
    found = (await operator.get("/api/reach", params={"minutes": 5})).json()
    assert found["share"] == {"grids": found["counts"]["grids"] / 8, "incidents": 0.0}
    assert (found["counts"]["of_grids"], found["counts"]["of_incidents"]) == (8, 1)
    assert found["forces"] == {"counted": 2, "doubtful": 2, "estimated": 2}
    assert found["polygon"]["type"] in ("Polygon", "MultiPolygon")
    assert found["centres"] == {"grids": 0.0, "incidents": 0.0}, "too far by e-bike in five minutes"
    hole, *_ = found["holes"]
    assert (hole["incidents"], hole["grid"]["name"]) == (1, "East North Village grid 2")
    move = found["move"]
    assert (move["to"]["code"], move["incidents"]) == (hole["grid"]["code"], 1)
    await operator.post(f"/api/incidents/{incident}/tasks", json={"force": move["force"]["id"]})
    busy = (await operator.get("/api/reach", params={"minutes": 5})).json()
    assert busy["move"]["force"]["id"] != move["force"]["id"]


async def test_a_town_counts_its_own_grids_and_forces(client_as: ClientAs, world: World) -> None:
    found = (await client_as("operator_east").get("/api/reach")).json()
    assert (found["counts"]["of_grids"], found["minutes"]) == (4, 15)
    assert found["share"] == {"grids": 1.0, "incidents": None}
    assert (found["holes"], found["move"]) == ([], None)


async def test_a_kind_counts_its_own_forces_and_an_unknown_one_is_refused(client_as: ClientAs, world: World) -> None:
    operator = client_as("operator")
    found = (await operator.get("/api/reach", params={"kind": "mediator"})).json()
    assert found["forces"]["counted"] == 2
    refused = await operator.get("/api/reach", params={"kind": "dragon"})
    assert (refused.status_code, refused.json()["params"]["errors"]) == (422, [{"field": "kind", "code": "unknown"}])


@pytest.mark.parametrize("name", ["wall", "planner"])
async def test_a_wall_has_the_figures_and_nothing_that_tells_where_forces_are(
    client_as: ClientAs, world: World, name: str
) -> None:
    operator, wall = [
        (await client_as(who).get("/api/reach", params={"minutes": 5})).json() for who in ("operator", name)
    ]
    assert operator["polygon"] and operator["share"] == wall["share"]
    assert (wall["polygon"], wall["holes"], wall["move"]) == (None, [], None)


@pytest.mark.parametrize("name", ["patrol_west", "source"])
async def test_those_who_may_not_see_forces_are_refused(client_as: ClientAs, world: World, name: str) -> None:
    assert (await client_as(name).get("/api/reach")).status_code == 403


@pytest.mark.parametrize("minutes", ["4", "61", "x"])
async def test_minutes_out_of_range_are_refused_with_their_name(
    client_as: ClientAs, world: World, minutes: str
) -> None:
    answer = await client_as("operator").get("/api/reach", params={"minutes": minutes})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["params"]["errors"]] == ["minutes"]
