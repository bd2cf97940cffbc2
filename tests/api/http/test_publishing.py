"""Plans get in force on their first day, with all that changes hands, and are undone in one step."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from console.deadlines.actions import sweep
from console.planning.deadlines import first_days
from console.planning.drafts import Drafts
from geo.store import Reach, Store
from layers.tiles import Scheme, tile_at
from tests.api.http.test_plans import GRID_1, GRID_2, MICRO, PLANS, at, drawn, made
from tests.worlds import LAT, LON, PACK, ROOT, SIDE, ClientAs, Clock, World

TODAY, TOMORROW = "2026-03-02", "2026-03-03"
SPLIT = {"op": "split", "code": GRID_1, "line": [at(-0.1, 1.0), at(1.1, 1.0)]}


async def approved(client_as: ClientAs, *operations: dict[str, Any], division: str = ROOT) -> int:
    """Draw a plan, and have it approved."""
    planner, supervisor = client_as("planner"), client_as("supervisor")
    plan: int = (await made(planner, division))["id"]
    for operation in operations:
        await drawn(planner, plan, **operation)
    assert (await planner.post(f"{PLANS}/{plan}/submit")).status_code == 200
    assert (await supervisor.post(f"{PLANS}/{plan}/review", json={"verdict": "approve"})).status_code == 200
    return plan


async def published(client_as: ClientAs, plan: int, day: str, **more: Any) -> dict[str, Any]:
    answer = await client_as("supervisor").post(f"{PLANS}/{plan}/publish", json={"day": day, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def sweep_due(app: FastAPI) -> None:
    """Do what is due now, as the sweeper does every second."""
    services = app.state.services
    kinds = (first_days(services.drafts, PACK.zone),)
    async with asyncio.timeout(10):
        while True:
            async with services.store.transaction(Reach(scope=ROOT)) as session:
                await sweep(session, kinds, now=services.now())
                waiting = text(
                    "SELECT count(*) FROM deadlines WHERE kind = 'plan.first_day' AND fired_at IS NULL"
                    " AND cancelled_at IS NULL AND due_at <= :now"
                )
                if not await session.scalar(waiting, {"now": services.now()}):
                    return


async def reported(client: httpx.AsyncClient, x: float, y: float, **fields: Any) -> dict[str, Any]:
    lon, lat = at(x, y)
    body = {"source": "window", "category": "dispute.neighbour", "title": "噪音", "lon": lon, "lat": lat, **fields}
    answer = await client.post("/api/incidents", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def but_for_version(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    return found | {"version": 0}


async def test_a_plan_takes_effect_on_its_day_and_is_undone_in_one_step(
    client_as: ClientAs, app: FastAPI, clock: Clock, world: World
) -> None:
    operator, supervisor = client_as("operator"), client_as("supervisor")
    moving = await reported(operator, 0.5, 0.5)
    staying = await reported(operator, 1.5, 0.5)
    assert moving["grid"] == GRID_1
    plan = await approved(client_as, {"op": "reassign", "codes": [MICRO], "to": GRID_2})
    lines = (await client_as("planner").get("/api/divisions")).content
    told = await published(client_as, plan, TOMORROW)
    assert (told["state"], told["first_day"]) == ("scheduled", TOMORROW)
    await sweep_due(app)
    assert (await client_as("planner").get("/api/divisions")).content == lines
    clock.turn(hours=14, seconds=1)
    await sweep_due(app)
    assert (await supervisor.get(f"{PLANS}/{plan}")).json()["state"] == "published"
    moved = (await operator.get(f"/api/incidents/{moving['id']}")).json()
    assert moved["grid"] == GRID_2 and moved["division_path"].endswith(f"{GRID_2}.{MICRO}")
    assert but_for_version(await operator.get(f"/api/incidents/{staying['id']}")) == staying | {"version": 0}
    assert (await reported(operator, 0.4, 0.4))["grid"] == GRID_2
    undone = await supervisor.post(f"{PLANS}/{plan}/unpublish")
    assert (undone.status_code, undone.json()["state"]) == (200, "approved")
    assert (await client_as("planner").get("/api/divisions")).content == lines
    assert but_for_version(await operator.get(f"/api/incidents/{moving['id']}")) == moving | {"version": 0}


async def test_tiles_ogc_and_divisions_follow_with_one_version_of_the_lines(
    client_as: ClientAs, app: FastAPI, clock: Clock
) -> None:
    supervisor = client_as("supervisor")
    version = await app.state.services.live.lines.read()
    named = {"op": "rename", "code": GRID_2, "name": "二号网格"}, {"op": "designate", "code": GRID_2, "kind": "market"}
    plan = await approved(client_as, *named, SPLIT)
    codes = await codes_of(supervisor, plan)
    tile = {"collections": "divisions"}
    address = await tile_address(supervisor)
    here = tile_at(LON + SIDE / 2, LAT + SIDE, z=14, scheme=Scheme.WEB_MERCATOR)
    path = f"/ogc/tiles/WebMercatorQuad/14/{here.y}/{here.x}"
    before = await supervisor.get(path, params=tile)
    items = (await supervisor.get("/ogc/collections/divisions/items?limit=1000")).json()["features"]
    await published(client_as, plan, TODAY)
    await sweep_due(app)
    assert await app.state.services.live.lines.read() != version
    assert (await supervisor.get("/api/county")).json()["lines"] == app.state.services.live.lines.version
    assert await tile_address(supervisor) != address
    after = await supervisor.get(path, params=tile)
    assert before.headers["ETag"] != after.headers["ETag"]
    now = (await supervisor.get("/ogc/collections/divisions/items?limit=1000")).json()["features"]
    assert len(now) == len(items) + 1
    listed = {one["code"]: one["name"] for one in (await supervisor.get("/api/divisions")).json()["items"]}
    assert listed[GRID_2] == "二号网格" and {*codes.values()} <= listed.keys()
    later = (await made(client_as("planner")))["id"]
    drawn_on = (await supervisor.get(f"{PLANS}/{later}/lines")).json()["features"]
    assert [one["id"] for one in drawn_on if one["properties"]["kind"] == "market"] == [GRID_2]
    earlier = (await supervisor.get("/api/divisions", params={"day": "2026-03-01"})).json()["items"]
    assert len(earlier) == len(items)
    await supervisor.post(f"{PLANS}/{plan}/unpublish")
    assert await app.state.services.live.lines.read() == version


async def codes_of(client: httpx.AsyncClient, plan: int) -> dict[str, str]:
    found: dict[str, str] = (await client.get(f"{PLANS}/{plan}")).json()["codes"]
    return found


async def tile_address(client: httpx.AsyncClient) -> str:
    links = (await client.get("/ogc/tiles/WebMercatorQuad")).json()["links"]
    (address,) = [link["href"] for link in links if link["rel"] == "item"]
    assert "version=" in address
    return str(address)


async def test_statistics_are_asked_on_the_lines_of_any_day_and_their_sum_is_the_whole(
    client_as: ClientAs, app: FastAPI, clock: Clock
) -> None:
    operator = client_as("operator")
    for x, y in ((0.5, 0.1), (0.5, 1.5), (1.5, 0.5), (1.0, 1.0), (1.0, 0.1), (3.5, 3.5)):
        await reported(operator, x, y)
    split = {"op": "split", "code": MICRO, "line": [at(-0.1, 0.25), at(1.1, 0.25)]}
    plan = await approved(client_as, split, {"op": "reassign", "codes": ["new_1"], "to": GRID_2})
    await published(client_as, plan, TOMORROW)
    old = await counted_by_grid(operator)
    clock.turn(hours=14)
    await sweep_due(app)
    assert await counted_by_grid(operator, lines=TODAY) == old
    new = await counted_by_grid(operator, lines=TOMORROW)
    assert new == await counted_by_grid(operator) == old | {GRID_1: 2, GRID_2: 3}
    told = (await operator.get("/api/statistics", params={"lines": TODAY, "by": "micro_grid"})).json()
    households = {one["code"]: one["figures"]["households"] for one in told["items"]}
    assert households[MICRO] == 100 and sum(households.values()) == told["total"]["households"] == 1600
    today = (await operator.get("/api/statistics", params={"by": "grid"})).json()["items"]
    assert [one["figures"]["households"] for one in today[:2]] == [175, 225]
    assert [one["error"] for one in today[:2]] == [{"households": 0, "enterprises": 0}] * 2
    assert (await operator.get("/api/statistics", params={"by": "county"})).status_code == 422
    assert (await client_as("patrol_west").get("/api/statistics")).status_code == 403
    masked = (await client_as("planner").get("/api/statistics")).json()
    assert masked["masked"] and sum(one["figures"]["incidents"] for one in masked["items"]) == 6


async def counted_by_grid(client: httpx.AsyncClient, **params: str) -> dict[str, int]:
    told = (await client.get("/api/statistics", params={"by": "grid", **params})).json()
    found = {one["code"]: one["figures"]["incidents"] for one in told["items"]}
    assert sum(found.values()) == told["total"]["incidents"] == 6
    return found


async def test_a_server_that_was_down_at_midnight_puts_the_whole_day_on_the_new_lines(
    client_as: ClientAs, app: FastAPI, clock: Clock, store: Store
) -> None:
    """Closed incidents keep the grid of their day, which begins at midnight in the county."""
    operator, supervisor = client_as("operator"), client_as("supervisor")
    plan = await approved(client_as, {"op": "reassign", "codes": [MICRO], "to": GRID_2})
    await published(client_as, plan, TOMORROW)
    times = {"eve": "2026-03-02T15:59:59Z", "first": "2026-03-02T16:00:00Z", "last": "2026-03-02T23:59:59Z"}
    async with store.transaction(Reach(scope=ROOT)) as holding:
        await holding.execute(text("SELECT FROM plans FOR UPDATE"))  # The sweeper passes by.
        clock.turn(hours=22)
        ids = {name: (await reported(operator, 0.5, 0.5, occurred_at=at_))["id"] for name, at_ in times.items()}
        for name in ("eve", "first"):
            closed = await operator.post(f"/api/incidents/{ids[name]}/close", json={"note": "已劝解"})
            assert closed.status_code == 200
        assert {*(await grids_of(operator, ids)).values()} == {GRID_1}
    await sweep_due(app)
    assert await grids_of(operator, ids) == {"eve": GRID_1, "first": GRID_2, "last": GRID_2}
    late = await reported(operator, 0.5, 0.5, occurred_at="2026-03-02T10:00:00Z")
    assert late["grid"] == GRID_2, "An open one is answered by those of today, whenever it occurred."
    told = (await supervisor.get(f"{PLANS}/{plan}/transfers")).json()
    assert (told["applied"], told["first_day"], told["masked"]) == (True, TOMORROW, False)
    counts = {name: n for name, n in told["counts"].items() if n and name != "clock"}
    assert counts == {"incident": 2, "camera": 1}
    listed = [(one["thing"], one["id"]) for one in told["items"]]
    assert len(listed) == len({*listed}) and ("incident", ids["last"]) in listed
    hidden = (await client_as("planner").get(f"{PLANS}/{plan}/transfers")).json()
    assert hidden["masked"] and {one["thing"] for one in hidden["items"]} == {"camera"}
    clock.turn(days=1)
    assert (await operator.post(f"/api/incidents/{late['id']}/close", json={"note": "了结"})).status_code == 200
    assert (await supervisor.post(f"{PLANS}/{plan}/unpublish")).status_code == 200
    ids["late"] = late["id"]
    assert await grids_of(operator, ids) == {"eve": GRID_1, "first": GRID_2, "last": GRID_1, "late": GRID_2}
    days = [await paths_of(operator, day) for day in (TODAY, TOMORROW, "2026-03-04")]
    assert days[0] == days[2] != days[1]


async def test_lines_that_took_effect_stay_once_and_are_undone_whole_after_the_clock_was_set_back(
    client_as: ClientAs, app: FastAPI, clock: Clock
) -> None:
    """The server starts anew on the eve of a day that it has lived already."""
    operator, supervisor = client_as("operator"), client_as("supervisor")
    lines = (await operator.get("/api/divisions")).content
    moving = await reported(operator, 0.5, 0.5)
    plan = await approved(client_as, {"op": "reassign", "codes": [MICRO], "to": GRID_2})
    await published(client_as, plan, TOMORROW)
    clock.turn(hours=14, seconds=1)
    await sweep_due(app)
    moved = (await operator.get(f"/api/incidents/{moving['id']}")).json()
    assert moved["grid"] == GRID_2
    clock.turn(hours=-10)
    app.state.services.drafts = Drafts(app.state.services.drafts.order)
    await sweep_due(app)
    assert (await operator.get(f"/api/incidents/{moving['id']}")).json() == moved
    assert (await supervisor.get(f"{PLANS}/{plan}")).json()["state"] == "published"
    assert (await supervisor.post(f"{PLANS}/{plan}/unpublish")).status_code == 200
    assert but_for_version(await operator.get(f"/api/incidents/{moving['id']}")) == moving | {"version": 0}
    for _ in range(2):
        assert (await operator.get("/api/divisions")).content == lines
        clock.turn(hours=10)
        await sweep_due(app)


async def grids_of(client: httpx.AsyncClient, ids: dict[str, int]) -> dict[str, str]:
    return {name: (await client.get(f"/api/incidents/{one}")).json()["grid"] for name, one in ids.items()}


async def paths_of(client: httpx.AsyncClient, day: str) -> list[str]:
    return [one["path"] for one in (await client.get("/api/divisions", params={"day": day})).json()["items"]]
