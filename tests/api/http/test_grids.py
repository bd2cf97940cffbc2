"""Party branches, lists of services and posts of grids over HTTP."""

import httpx

from geo.store import Store
from tests.reporting import place, report
from tests.worlds import EAST, ROOT, WEST, ClientAs, World

TOWN, VILLAGE = WEST[-9:], "320509100200"
GRID_1, GRID_2 = f"{VILLAGE}001", f"{VILLAGE}002"
GRIDS = "/api/grids"


async def put_services(client: httpx.AsyncClient, division: str, *items: tuple[str, str]) -> httpx.Response:
    body = {"items": [{"title": title, "verdict": verdict} for title, verdict in items]}
    return await client.put(f"/api/divisions/{division}/services", json=body)


async def test_a_grid_has_a_party_branch_from_a_day_on(client_as: ClientAs, world: World) -> None:
    planner, patrol = client_as("planner"), client_as("patrol_west")
    assert (await planner.get(f"{GRIDS}/{GRID_1}")).json()["branch"] is None
    told = (await planner.put(f"{GRIDS}/{GRID_1}/branch", json={"name": "南村第一党支部"})).json()
    assert (told["branch"], told["day"]) == ("南村第一党支部", "2026-03-02")
    later = {"name": "南村联合党支部", "first_day": "2026-04-01"}
    assert (await planner.put(f"{GRIDS}/{GRID_1}/branch", json=later)).json()["branch"] == "南村联合党支部"
    assert (await patrol.get(f"{GRIDS}/{GRID_1}")).json()["branch"] == "南村第一党支部"
    assert (await patrol.get(f"{GRIDS}/{GRID_1}", params={"day": "2026-04-01"})).json()["branch"] == "南村联合党支部"
    past = await planner.put(f"{GRIDS}/{GRID_1}/branch", json={"name": "x", "first_day": "2026-03-01"})
    assert (past.status_code, past.json()["code"]) == (422, "grid.day_over")
    village = await planner.put(f"{GRIDS}/{VILLAGE}/branch", json={"name": "x"})
    assert (village.status_code, village.json()["code"]) == (422, "grid.not_a_grid")
    await planner.put(f"{GRIDS}/{GRID_1}/branch", json={"name": ""})
    assert (await planner.get(f"{GRIDS}/{GRID_1}")).json()["branch"] is None


async def test_what_the_county_forbids_is_forbidden_in_every_grid(client_as: ClientAs, world: World) -> None:
    supervisor, patrol = client_as("supervisor"), client_as("patrol_west")
    await put_services(supervisor, ROOT, ("催收物业费", "forbidden"), ("矛盾排查", "allowed"))
    await put_services(supervisor, VILLAGE, ("催收物业费", "allowed"), ("防汛巡查", "allowed"))
    told = (await patrol.get(f"{GRIDS}/{GRID_1}")).json()
    assert [(one["title"], one["verdict"], one["division"]) for one in told["services"]] == [
        ("矛盾排查", "allowed", ROOT),
        ("防汛巡查", "allowed", VILLAGE),
        ("催收物业费", "forbidden", ROOT),
    ]
    of_village = (await patrol.get(f"/api/divisions/{VILLAGE}/services")).json()
    assert [one["title"] for one in of_village["own"]] == ["催收物业费", "防汛巡查"]
    twice = await put_services(supervisor, GRID_1, ("防汛巡查", "allowed"), ("防汛 巡查", "forbidden"))
    assert (twice.status_code, twice.json()["code"]) == (422, "grid.service_twice")


async def test_a_patrol_that_is_sent_to_another_town_reads_what_may_be_asked_there(
    client_as: ClientAs, store: Store, world: World
) -> None:
    supervisor, patrol = client_as("supervisor"), client_as("patrol_west")
    there = world.micro_grids(EAST)[0].rpartition(".")[2]
    await put_services(supervisor, ROOT, ("催收物业费", "forbidden"))
    await put_services(supervisor, EAST[-9:], ("防汛巡查", "allowed"))
    assert (await patrol.get(f"/api/divisions/{there}/services")).status_code == 404
    incident = await report(store, world, world.micro_grids(EAST)[0])
    await place(store, world, "patrol_west", WEST)
    sent = await client_as("operator").post(
        f"/api/incidents/{incident}/tasks", json={"force": world.forces["patrol_west"]}
    )
    assert sent.status_code == 201
    told = await patrol.get(f"/api/divisions/{there}/services")
    assert [one["title"] for one in told.json()["in_force"]] == ["防汛巡查", "催收物业费"]
    assert (await patrol.get(f"/api/divisions/{ROOT}/services")).status_code == 200
    assert (await client_as("operator_west").get(f"/api/divisions/{there}/services")).status_code == 404


async def test_one_worker_serves_in_two_grids_and_no_more(client_as: ClientAs, world: World) -> None:
    planner, supervisor = client_as("planner"), client_as("supervisor")
    worker = world.forces["grid_1"]
    first = await planner.post(f"{GRIDS}/{GRID_1}/posts", json={"force": worker, "post": "worker"})
    assert first.status_code == 201 and first.json()["name"] is None
    again = await planner.post(f"{GRIDS}/{GRID_1}/posts", json={"force": worker, "post": "worker"})
    assert (again.status_code, again.json()["code"]) == (409, "grid.post_taken")
    await planner.post(f"{GRIDS}/{GRID_2}/posts", json={"force": worker, "post": "secretary"})
    third = await planner.post(f"{GRIDS}/{GRID_2}/posts", json={"force": worker, "post": "worker"})
    assert (third.status_code, third.json()["code"]) == (409, "grid.too_many_posts")
    told = (await supervisor.get(GRIDS, params={"division": VILLAGE})).json()
    assert [(one["code"], one["posts"]) for one in told["items"]] == [(GRID_1, 1), (GRID_2, 1)]
    (shared,) = told["shared"]
    assert (shared["force"], shared["name"], len(shared["posts"])) == (worker, "Force grid_1", 2)
    ended = await planner.post(f"/api/grid-posts/{first.json()['id']}/end")
    assert ended.json()["until"] == "2026-03-02"
    assert (await planner.post(f"/api/grid-posts/{first.json()['id']}/end")).json()["code"] == "grid.post_ended"
    assert (await supervisor.get(GRIDS, params={"division": VILLAGE})).json()["shared"] == []
    assert (await planner.post(f"{GRIDS}/{GRID_1}/posts", json={"force": 10**9, "post": "worker"})).status_code == 404


async def test_who_sees_workers_of_grids_and_who_sets_anything(client_as: ClientAs, world: World) -> None:
    planner, worker = client_as("planner"), world.forces["patrol_west"]
    await planner.post(f"{GRIDS}/{GRID_1}/posts", json={"force": worker, "post": "assistant"})
    await planner.post(f"{GRIDS}/{GRID_1}/posts", json={"force": world.forces["grid_1"], "post": "worker"})

    async def names(role: str) -> list[str | None]:
        return [one["name"] for one in (await client_as(role).get(f"{GRIDS}/{GRID_1}")).json()["posts"]]

    assert await names("operator") == ["Force patrol_west", "Force grid_1"]
    assert await names("planner") == [None, None]
    assert await names("patrol_west") == ["Force patrol_west"]
    for role in ("wall", "clerk", "admin"):
        assert await names(role) == []
    for role in ("operator", "clerk", "patrol_west", "wall", "auditor", "gateway"):
        client = client_as(role)
        assert (await client.put(f"{GRIDS}/{GRID_1}/branch", json={"name": "x"})).status_code == 403
        assert (await put_services(client, GRID_1, ("x", "allowed"))).status_code == 403
        post = {"force": worker, "post": "worker"}
        assert (await client.post(f"{GRIDS}/{GRID_1}/posts", json=post)).status_code == 403
    assert (await client_as("operator_east").get(f"{GRIDS}/{GRID_1}")).status_code == 404
    assert (await client_as("operator_east").get(GRIDS, params={"division": TOWN})).status_code == 404
