"""Incidents that are reported with an address in words and no point: they wait for a place."""

from typing import Any

import orjson
from sqlalchemy import func, select

from geo.store import Reach, Store
from layers.hotspots.tables import CellCount
from tests.worlds import EAST, ROOT, WEST, ClientAs, World

Json = dict[str, Any]
BODY = {"source": "window", "category": "dispute.neighbour", "title": "Noise", "address": "盛泽镇舜湖西路 7 号"}


async def counted(store: Store) -> int:
    async with store.transaction(Reach(scope=ROOT)) as session:
        return await session.scalar(select(func.sum(CellCount.n))) or 0


async def test_a_report_in_words_waits_for_a_place_and_is_placed(
    client_as: ClientAs, world: World, store: Store
) -> None:
    operator = client_as("operator")
    waiting = (await client_as("clerk").post("/api/incidents", json=BODY)).json()
    path = f"/api/incidents/{waiting['id']}"
    nowhere = {"lon": None, "lat": None, "cell": None, "grid": None, "division": None, "division_path": ROOT}
    assert waiting == waiting | nowhere | {"address": BODY["address"], "status": "registered"}
    snapshot = (await operator.get("/api/snapshot")).json()
    assert waiting in snapshot["incidents"] and await counted(store) == 0
    force = {"force": world.forces["patrol_west"]}
    for call in (
        operator.get(f"{path}/candidates"),
        operator.get(f"{path}/cameras"),
        operator.post(f"{path}/tasks", json=force),
    ):
        answer = await call
        assert (answer.status_code, answer.json()["code"]) == (409, "incident.no_place")
    assert (await operator.get("/ogc/collections/incidents/items")).json()["numberMatched"] == 0
    assert (await operator.get(f"/ogc/collections/incidents/items/{waiting['id']}")).status_code == 404
    [found] = (await operator.get("/api/search", params={"q": "Noise"})).json()["items"]
    assert (found["id"], found["lon"]) == (waiting["id"], None)
    masked = (await client_as("wall").get("/api/snapshot")).json()["incidents"]
    assert [(one["lon"], one["cell"], one["address"]) for one in masked] == [(None, None, "")]

    lon, lat = world.middle_of(at := world.micro_grids(WEST)[0])
    assert (await operator.patch(path, json={"lon": lon})).json()["params"]["errors"] == [
        {"field": "lat", "code": "missing"}
    ]
    outside = await operator.patch(path, json={"lon": 100, "lat": 31})
    assert {error["code"] for error in outside.json()["params"]["errors"]} == {"outside"}
    placed = await operator.patch(path, json={"lon": lon, "lat": lat}, headers={"If-Match": '"1"'})
    assert (placed.json()["lon"], placed.json()["lat"], placed.json()["division_path"]) == (lon, lat, at)
    assert await counted(store) == 1
    last = (await operator.get(f"{path}/timeline")).json()["items"][-1]
    assert (last["kind"], last["data"]) == ("edited", {"fields": ["place"], "place": [None, [lon, lat]]})
    assert (await operator.get(f"{path}/candidates")).json()["candidates"]
    assert (await operator.patch(path, json={"lon": lon, "lat": lat})).json() == placed.json(), "said again"
    entries = (await client_as("operator_west").get(f"{path}/timeline")).json()["items"]
    assert [entry["kind"] for entry in entries] == ["registered", "case.opened", "edited"], (
        "its new town reads all of it"
    )
    assert (await client_as("operator_east").get(path)).status_code == 404


async def test_a_report_has_a_whole_point_or_an_address(client_as: ClientAs, world: World) -> None:
    clerk, (lon, lat) = client_as("clerk_east"), world.middle_of(world.micro_grids(EAST)[0])
    for changes, missing in (
        ({"address": None}, {"lon", "lat"}),
        ({"address": "  "}, {"lon", "lat"}),
        ({"lon": lon}, {"lat"}),
        ({"lat": lat, "lon": None}, {"lon"}),
    ):
        errors = (await clerk.post("/api/incidents", json=BODY | changes)).json()["params"]["errors"]
        assert {(error["field"], error["code"]) for error in errors} == {(name, "missing") for name in missing}
    both = (await clerk.post("/api/incidents", json=BODY | {"lon": lon, "lat": lat})).json()
    assert (both["address"], both["lon"]) == (BODY["address"], lon)
    batch = await clerk.post("/api/incidents/batch", content=orjson.dumps(BODY | {"datum": "gcj02", "lon": None}))
    [line] = batch.json()["items"]
    waiting = (await clerk.get(f"/api/incidents/{line['id']}")).json()
    assert (waiting["division_path"], waiting["lon"]) == (EAST, None), "in the division of whoever reported it"
    emptied = await client_as("operator").patch(f"/api/incidents/{line['id']}", json={"address": ""})
    assert (emptied.status_code, emptied.json()["code"]) == (422, "incident.address")
