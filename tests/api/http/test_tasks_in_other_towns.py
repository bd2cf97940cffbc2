"""Sent to another town, a force can read that town's map, and nothing else of it."""

from geo.store import Store
from tests.layers.test_tiles import tile_at
from tests.mvt import decode
from tests.reporting import place, report
from tests.worlds import EAST, WEST, ClientAs, World


async def named(client_as: ClientAs, username: str) -> set[str]:
    """The divisions, by code, whose names a user can read."""
    return {found["code"] for found in (await client_as(username).get("/api/divisions")).json()["items"]}


def of_town(world: World, town: str) -> set[str]:
    return {patch.code for path, patch in world.patches.items() if path.startswith(town)}


async def drawn(client_as: ClientAs, world: World, username: str) -> set[str]:
    """The divisions, by code, on the tile round the middle of an eastern micro-grid."""
    tile = tile_at(14, *world.middle_of(world.micro_grids(EAST)[0]))
    answer = await client_as(username).get(f"/ogc/tiles/WebMercatorQuad/{tile.z}/{tile.y}/{tile.x}")
    return {feature.properties["code"] for feature in decode(answer.content).get("divisions", [])}


async def sent_east(client_as: ClientAs, store: Store, world: World) -> int:
    """Send the western patrol to an incident in the east; return the task's id."""
    incident = await report(store, world, world.micro_grids(EAST)[0])
    await place(store, world, "patrol_west", WEST)
    body = {"force": world.forces["patrol_west"]}
    sent = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json=body)
    assert sent.status_code == 201, sent.text
    return int(sent.json()["id"])


async def test_a_force_sent_to_another_town_can_read_the_map_there(
    client_as: ClientAs, store: Store, world: World
) -> None:
    east, target = of_town(world, EAST), world.micro_grids(EAST)[0].rpartition(".")[2]
    assert (await named(client_as, "patrol_west")).isdisjoint(east)
    assert target not in await drawn(client_as, world, "patrol_west")
    await sent_east(client_as, store, world)
    assert east <= await named(client_as, "patrol_west")
    assert target in await drawn(client_as, world, "patrol_west")
    assert (await named(client_as, "operator_west")).isdisjoint(east), "others of their town go on seeing their town"


async def test_a_force_in_another_town_can_read_only_its_map(client_as: ClientAs, store: Store, world: World) -> None:
    task = await sent_east(client_as, store, world)
    own = (await client_as("operator").get(f"/api/tasks?force={world.forces['patrol_west']}")).json()["items"][0]
    other = await report(store, world, world.micro_grids(EAST)[1])
    await place(store, world, "patrol_east", EAST)
    patrol, stranger = client_as("patrol_west"), world.forces["patrol_east"]
    assert task == own["id"]
    for path in (f"/api/incidents/{other}", f"/api/incidents/{other}/timeline", f"/api/forces/{stranger}"):
        assert (await patrol.get(path)).status_code in (403, 404), path
    state = (await patrol.get("/api/snapshot")).json()
    assert {incident["id"] for incident in state["incidents"]} == {own["incident"]}
    assert {force["id"] for force in state["forces"]} == {world.forces["patrol_west"]}
    assert set(state["fixes"]["force"]) <= {world.forces["patrol_west"]}
    cameras = (await patrol.get("/api/cameras", params={"limit": 5000})).json()["items"]
    assert len(cameras) == len(world.cameras) // 2
    found = (await patrol.get("/api/search", params={"q": "East"})).json()["items"]
    assert {thing["kind"] for thing in found} <= {"division"}
    hot = (await patrol.get("/api/hotspots", params={"window": "24h"})).json()
    assert hot["total"] == 0


async def test_an_ended_task_gives_no_access(client_as: ClientAs, store: Store, world: World) -> None:
    task = await sent_east(client_as, store, world)
    recalled = await client_as("operator").post(f"/api/tasks/{task}/recall", json={"reason": "no_answer"})
    assert recalled.status_code == 200
    assert (await named(client_as, "patrol_west")).isdisjoint(of_town(world, EAST))
