"""The place of an incident is corrected: divisions, cell, tasks, deadlines and counts go with it, the record stays."""

from sqlalchemy import select

from console.deadlines.tables import Deadline
from geo.store import Reach, Store
from layers.hotspots.tables import CellCount
from tests.api.http.test_incidents import report_incident
from tests.worlds import EAST, ROOT, WEST, ClientAs, World


async def test_an_incident_moves_to_another_town_with_its_tasks(
    client_as: ClientAs, world: World, store: Store
) -> None:
    operator, west, east = (client_as(name) for name in ("operator", "operator_west", "operator_east"))
    incident = await report_incident(client_as, world)
    path, was = f"/api/incidents/{incident['id']}", [incident["lon"], incident["lat"]]
    sent = await operator.post(f"{path}/tasks", json={"force": world.forces["patrol_west"]})
    task = f"/api/tasks/{sent.json()['id']}"
    lon, lat = world.middle_of(at := world.micro_grids(EAST)[3])
    moved = (await operator.patch(path, json={"lon": lon, "lat": lat})).json()
    assert (moved["lon"], moved["lat"], moved["division_path"], moved["version"]) == (lon, lat, at, 3)
    assert moved["grid"] in at and moved["division"] in at and moved["cell"] != incident["cell"]
    assert [(await client.get(path)).status_code for client in (west, east)] == [404, 200]
    entries = (await east.get(f"{path}/timeline")).json()["items"]
    assert [entry["kind"] for entry in entries] == ["registered", "case.opened", "task.assigned", "edited"]
    assert entries[-1]["data"] == {
        "fields": ["place"],
        "place": [was, [lon, lat]],
        "given": [[*was, "wgs84"], [lon, lat, "wgs84"]],
    }
    mine = (await client_as("patrol_west").get("/api/snapshot")).json()
    assert [one["lon"] for one in mine["incidents"]] == [lon], "the force that is on its way sees where to go"
    assert (await west.post(f"{task}/recall", json={"reason": "wrong"})).status_code == 404
    assert (await east.post(f"{task}/recall", json={"reason": "wrong"})).status_code == 200
    assert (await east.get(path)).json()["status"] == "registered", "the town that it has moved to goes on with it"
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert set(await session.scalars(select(Deadline.division_path))) == {at}
        counts = await session.execute(select(CellCount.division_path, CellCount.n))
        assert [tuple(row) for row in counts] == [(at, 1)]


async def test_a_town_neither_moves_an_incident_away_nor_fetches_one(client_as: ClientAs, world: World) -> None:
    own, foreign = [(await report_incident(client_as, world, at=at))["id"] for at in (WEST, EAST)]
    west = client_as("operator_west")
    here, away = (world.middle_of(world.micro_grids(at)[2]) for at in (WEST, EAST))
    for (lon, lat), code in ((away, "outside"), ((100.0, 31.0), "outside"), (here[::-1], "swapped")):
        refused = await west.patch(f"/api/incidents/{own}", json={"lon": lon, "lat": lat})
        assert refused.status_code == 422
        assert code == "swapped" or {error["code"] for error in refused.json()["params"]["errors"]} == {code}
    place = {"lon": here[0], "lat": here[1]}
    assert (await west.patch(f"/api/incidents/{foreign}", json=place)).status_code == 404
    moved = (await west.patch(f"/api/incidents/{own}", json=place)).json()
    assert moved["division_path"] == world.micro_grids(WEST)[2]


async def test_a_closed_incident_is_moved_by_a_correction_only(client_as: ClientAs, world: World) -> None:
    incident = await report_incident(client_as, world)
    path, operator = f"/api/incidents/{incident['id']}", client_as("operator")
    await operator.post(f"{path}/close")
    lon, lat = world.middle_of(at := world.micro_grids(EAST)[0])
    refused = await operator.patch(path, json={"lon": lon, "lat": lat})
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.closed")
    place = {"lon": lon, "lat": lat, "datum": "gcj02", "reason": "Misheard"}
    corrected = (await operator.post(f"{path}/corrections", json=place)).json()
    assert (corrected["division_path"], corrected["status"]) == (at, "closed")
    assert corrected["lon"] != lon, "read in the datum given"
    last = (await operator.get(f"{path}/timeline")).json()["items"][-1]
    given = last["data"]["given"]
    assert (last["kind"], last["data"]["note"], given[1]) == ("corrected", "Misheard", [lon, lat, "gcj02"])


async def test_the_same_place_again_is_no_change(client_as: ClientAs, world: World) -> None:
    incident = await report_incident(client_as, world)
    same = {"lon": incident["lon"], "lat": incident["lat"], "title": incident["title"]}
    assert (await client_as("operator").patch(f"/api/incidents/{incident['id']}", json=same)).json() == incident
