"""Snapshot, replay and strip over HTTP, by role."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from api.http.wire.live import SnapshotOut
from geo.store import Store
from tests.live.stories import (
    Stage,
    accept,
    arrive,
    assign,
    come_on_duty,
    depart,
    finish,
    go_off_duty,
    move_to_the_east,
    post_the_mediator_to_the_east,
    register,
    register_in_the_east,
)
from tests.live.viewing import caught_up, live_of, swept
from tests.worlds import NOW, ClientAs, Clock, World

SEES_ALL = ["operator", "supervisor", "auditor", "gateway"]
SEES_MASKED = ["wall", "planner"]
SEES_NOTHING = ["source", "clerk", "admin"]


@pytest.fixture
def stage(client_as: ClientAs, world: World, clock: Clock, store: Store) -> Stage:
    return Stage(client_as, world, clock, store)


async def snapshot(client_as: ClientAs, username: str, **params: Any) -> dict[str, Any]:
    answer = await client_as(username).get("/api/snapshot", params=params)
    assert answer.status_code == 200, answer.text
    SnapshotOut.model_validate(answer.json())
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("path", ["/api/snapshot", "/api/replay/strip", "/api/replay?at=2026-03-02T01:59:00Z"])
async def test_each_role_is_allowed_or_refused(path: str, client_as: ClientAs) -> None:
    answers = {name: (await client_as(name).get(path)).status_code for name in SEES_ALL + SEES_MASKED + SEES_NOTHING}
    assert answers == dict.fromkeys(SEES_ALL + SEES_MASKED, 200) | dict.fromkeys(SEES_NOTHING, 403)
    assert (await client_as("patrol_west").get(path)).status_code == (200 if path == "/api/snapshot" else 403)


async def test_a_town_sees_nothing_of_another(stage: Stage, client_as: ClientAs, world: World, app: FastAPI) -> None:
    await register(stage)
    await assign(stage)
    fixes = [{"force": world.forces["patrol_west"], "at": NOW.isoformat(), "lon": 120.61, "lat": 31.12}]
    await client_as("gateway").post("/api/positions", json={"fixes": fixes})
    await caught_up(live_of(app))
    at = {"at": stage.clock().isoformat()}
    for found in (
        await snapshot(client_as, "operator_east"),
        (await client_as("operator_east").get("/api/replay", params=at)).json(),
    ):
        assert (found["incidents"], found["tasks"], found["fixes"]["force"]) == ([], [], [])
        assert all(force["division_path"].startswith(world.east) for force in found["forces"])
        assert found["hotspots"]["total"] == 0
        assert found["scope"] == world.east.split(".")[-1]
    strip = (await client_as("operator_east").get("/api/replay/strip")).json()
    assert sum(strip["reported"]) == 0
    west = await snapshot(client_as, "operator_west")
    assert [len(west[name]) for name in ("incidents", "tasks")] == [1, 1]


async def test_a_scope_narrows_within_ones_own(stage: Stage, client_as: ClientAs, world: World) -> None:
    await register(stage)
    assert len((await snapshot(client_as, "operator", scope="320509100"))["incidents"]) == 1
    assert (await snapshot(client_as, "operator", scope="320509101"))["incidents"] == []
    for scope in ("320509", "320509100", "nowhere"):
        answer = await client_as("operator_east").get("/api/snapshot", params={"scope": scope})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(("username", "params"), [("wall", {}), ("planner", {}), ("operator", {"wall": True})])
async def test_a_wall_gets_no_texts_and_names(
    username: str, params: dict[str, Any], stage: Stage, client_as: ClientAs, app: FastAPI
) -> None:
    for step in (register, assign, accept, depart, arrive, finish):
        await step(stage)
    await caught_up(live_of(app))
    at = {"at": stage.clock().isoformat()}
    for path, more in (("/api/snapshot", {}), ("/api/replay", at)):
        text = (await client_as(username).get(path, params=params | more)).text
        assert "canary" not in text and "Force " not in text and "patrol_west" not in text
        assert stage.incident["case_code"] not in text
        assert f'"id":{stage.incident["id"]}' in text


@pytest.mark.parametrize(("username", "params"), [("wall", {}), ("planner", {}), ("operator", {"wall": True})])
async def test_a_masked_screen_gets_no_tasks_and_the_cell_and_minute_of_every_force(
    username: str, params: dict[str, Any], stage: Stage, client_as: ClientAs, world: World, app: FastAPI
) -> None:
    """A force stands at its incident while it is on a task, and still when the task is over."""
    for step in (register, assign, accept, depart, arrive):
        await step(stage)
    place = {"lon": stage.incident["lon"], "lat": stage.incident["lat"], "speed_mps": 0}
    fix = {"force": world.forces["patrol_west"], "at": stage.clock().replace(second=7).isoformat(), **place}
    await stage.call("gateway", "POST", "/api/positions", json={"fixes": [fix]})
    stage.clock.turn(minutes=2)
    await finish(stage)
    live = live_of(app)
    await caught_up(live)
    live.hub.publish_positions(live.force_positions.renew_masked(), masked=True)
    for path, more in (("/api/snapshot", {}), ("/api/replay", {"at": stage.clock().isoformat()})):
        found = (await client_as(username).get(path, params=params | more)).json()
        assert found["tasks"] == []
        (incident,), fixes = found["incidents"], found["fixes"]
        assert (fixes["lon"], fixes["lat"]) == ([round(incident["lon"], 6)], [round(incident["lat"], 6)])
        assert (incident["lon"], incident["lat"]) != (place["lon"], place["lat"])
        assert (fixes["speed"], fixes["at"][0] % 60_000) == ([None], 0)


async def test_a_masked_scope_ends_at_the_village(stage: Stage, client_as: ClientAs, world: World) -> None:
    """Asked grid by grid, even a masked snapshot would tell the grid of each incident."""
    await register(stage)
    for code in world.micro_grids()[0].split(".")[-2:]:
        for username in ("planner", "wall"):
            answer = await client_as(username).get("/api/snapshot", params={"scope": code})
            assert (answer.status_code, answer.json()["code"]) == (403, "access.forbidden")
        assert len((await snapshot(client_as, "operator", scope=code))["incidents"]) == 1
    village = world.micro_grids()[0].split(".")[-3]
    assert len((await snapshot(client_as, "planner", scope=village))["incidents"]) == 1


async def test_a_patrol_sees_only_its_own_incident(stage: Stage, client_as: ClientAs, world: World) -> None:
    await register(stage)
    before = await snapshot(client_as, "patrol_west")
    assert (before["incidents"], before["tasks"]) == ([], [])
    assert [force["id"] for force in before["forces"]] == [world.forces["patrol_west"]]
    await assign(stage)
    after = await snapshot(client_as, "patrol_west")
    assert [body["id"] for body in after["incidents"]] == [stage.incident["id"]]
    assert after["incidents"][0]["title"] == stage.incident["title"]


async def test_a_replay_shows_each_moment_as_it_was_published(
    stage: Stage, client_as: ClientAs, app: FastAPI, clock: Clock
) -> None:
    moments = {}
    await register(stage)
    await go_off_duty(stage)
    for step in (assign, accept, depart, come_on_duty, arrive, finish):
        await caught_up(live_of(app))
        moments[clock()] = await snapshot(client_as, "operator")
        await step(stage)
    await caught_up(live_of(app))
    for at, then in moments.items():
        replayed = (await client_as("operator").get("/api/replay", params={"at": at.isoformat()})).json()
        for name in ("incidents", "tasks", "forces", "pos", "epoch"):
            assert replayed[name] == then[name], (at, name)


async def test_a_moment_before_the_record_began_shows_what_was_imported_later(
    client_as: ClientAs, world: World, app: FastAPI, clock: Clock
) -> None:
    lon, lat = world.middle_of(world.micro_grids()[0])
    times = {"occurred_at": (NOW - timedelta(hours=3)).isoformat(), "closed_at": (NOW - timedelta(hours=1)).isoformat()}
    body = {"source": "hotline", "category": "dispute.family", "title": "canary", "lon": lon, "lat": lat} | times
    clock.turn(minutes=1)
    answer = await client_as("source").post("/api/incidents/batch", content=orjson.dumps(body))
    assert answer.json()["created"] == 1
    await caught_up(live_of(app))
    clock.turn(minutes=1)
    found = {}
    for hours in (4, 2, 0.5):
        at = (NOW - timedelta(hours=hours)).isoformat()
        replayed = (await client_as("operator").get("/api/replay", params={"at": at})).json()
        assert replayed["at"] < replayed["recorded_from"]
        assert (replayed["tasks"], replayed["fixes"]["force"]) == ([], [])
        found[hours] = [(one["status"], one["closed_at"] is None) for one in replayed["incidents"]]
    assert found == {4: [], 2: [("registered", True)], 0.5: [("closed", False)]}
    now = (await client_as("operator").get("/api/replay", params={"at": clock().isoformat()})).json()
    assert now["recorded_from"] <= now["at"]


async def test_a_towns_replay_has_the_position_of_the_whole_feed(
    stage: Stage, client_as: ClientAs, app: FastAPI, clock: Clock
) -> None:
    await register(stage)
    await caught_up(live_of(app))
    then = await snapshot(client_as, "operator_east")
    replayed = (await client_as("operator_east").get("/api/replay", params={"at": clock().isoformat()})).json()
    assert replayed["pos"] == then["pos"]


async def test_a_force_that_goes_off_duty_is_replayed_where_it_was_seen_last(
    client_as: ClientAs, world: World, app: FastAPI, clock: Clock
) -> None:
    force = world.forces["patrol_west"]
    await client_as("operator").patch(f"/api/forces/{force}", json={"duty": "on_call"})
    fix = {"force": force, "at": clock().isoformat(), "lon": 120.61, "lat": 31.12}
    await client_as("gateway").post("/api/positions", json={"fixes": [fix]})
    moments = {}
    for duty in ("off", "on"):
        clock.turn(hours=2)
        await caught_up(live_of(app))
        moments[clock()] = await snapshot(client_as, "operator")
        clock.turn(minutes=1)
        await client_as("operator").patch(f"/api/forces/{force}", json={"duty": duty})
    await caught_up(live_of(app))
    assert [then["fixes"]["force"] for then in moments.values()] == [[force], []]
    for at, then in moments.items():
        replayed = (await client_as("operator").get("/api/replay", params={"at": at.isoformat()})).json()
        assert replayed["fixes"] == then["fixes"]


async def test_what_the_record_began_with_is_replayed_where_it_was_then(
    stage: Stage, client_as: ClientAs, world: World, app: FastAPI, clock: Clock
) -> None:
    """A force without any event and an incident whose events were dropped change and move after the record began."""
    viewers = ("operator", "operator_west", "operator_east")
    await register(stage)
    await locate(client_as, world.forces["mediator_west"], clock)
    await caught_up(live_of(app))
    clock.turn(days=9)
    await live_of(app).run_maintenance()
    await register_in_the_east(stage)
    await swept(live_of(app), clock)
    await caught_up(live_of(app))
    then = {viewer: await snapshot(client_as, viewer) for viewer in viewers}
    began = clock()
    clock.turn(minutes=1)
    stage.incident = next(one for one in then["operator_west"]["incidents"])
    for step in (move_to_the_east, go_off_duty, come_on_duty, post_the_mediator_to_the_east):
        await step(stage)
    clock.turn(minutes=1)
    await swept(live_of(app), clock)
    await caught_up(live_of(app))
    later = {viewer: await snapshot(client_as, viewer) for viewer in viewers}
    for taken, at in ((then, began), (later, clock())):
        for viewer, shown in taken.items():
            replayed = (await client_as(viewer).get("/api/replay", params={"at": at.isoformat()})).json()
            for part in ("incidents", "tasks", "forces", "fixes", "pos"):
                assert replayed[part] == shown[part], (at, viewer, part)
    assert world.forces["mediator_west"] in later["operator_east"]["fixes"]["force"]
    assert world.forces["mediator_west"] not in then["operator_east"]["fixes"]["force"]


async def locate(client_as: ClientAs, force: int, clock: Clock) -> None:
    fix = {"force": force, "at": clock().isoformat(), "lon": 120.61, "lat": 31.12}
    answer = await client_as("gateway").post("/api/positions", json={"fixes": [fix]})
    assert answer.json()["ok"] == 1, answer.text


@pytest.mark.parametrize(
    ("at", "code"),
    [("2026-03-02T03:00:00Z", "future"), ("2026-02-01T00:00:00Z", "too_old"), ("2026-03-02T01:00:00", None)],
)
async def test_only_past_moments_still_kept_can_be_replayed(at: str, code: str | None, client_as: ClientAs) -> None:
    answer = await client_as("operator").get("/api/replay", params={"at": at})
    assert answer.status_code == 422
    assert answer.json()["params"]["errors"][0]["field"] == "at"
    assert code in (None, answer.json()["params"]["errors"][0]["code"])


async def test_the_strip_counts_reported_and_closed_incidents(stage: Stage, client_as: ClientAs) -> None:
    for step in (register, assign, accept, depart, arrive, finish):
        await step(stage)
    strip = (await client_as("operator").get("/api/replay/strip", params={"hours": 1})).json()
    assert (len(strip["reported"]), strip["step_s"]) == (72, 50)
    assert (sum(strip["reported"]), sum(strip["closed"])) == (1, 1)


async def test_the_snapshot_and_its_position_are_of_one_moment(store: Store, client_as: ClientAs, stage: Stage) -> None:
    """A committed change without a position is in the snapshot, and is sent again as an event."""
    before = await snapshot(client_as, "operator")
    await register(stage)
    after = await snapshot(client_as, "operator")
    assert len(after["incidents"]) == 1
    assert after["pos"] - before["pos"] in range(3), "the incident's event and its case's, or not yet"


async def test_a_large_response_is_compressed(client_as: ClientAs) -> None:
    answer = await client_as("operator").get("/api/snapshot")
    assert answer.headers["content-encoding"] == "gzip"
