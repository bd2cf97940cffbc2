"""What the page of a force's phone says: task reached and seen, page hidden, and what the hall makes of it."""

from typing import Any

import pytest

from geo.store import Store
from tests.reporting import report
from tests.worlds import LAT, LON, ClientAs, Clock, World


@pytest.fixture
async def task(client_as: ClientAs, store: Store, world: World) -> dict[str, Any]:
    incident = await report(store, world, world.micro_grids()[0])
    body = {"force": world.forces["patrol_west"]}
    answer = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json=body)
    made: dict[str, Any] = answer.json()
    return made


async def told(client_as: ClientAs, state: str, task: int | None = None, user: str = "patrol_west") -> dict[str, Any]:
    answer = await client_as(user).put("/api/presence", json={"state": state, "task": task})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_task_is_reached_behind_another_app_and_seen_in_front_once(
    client_as: ClientAs, clock: Clock, task: dict[str, Any], world: World
) -> None:
    behind = await told(client_as, "background", task["id"])
    assert (behind["reached_at"], behind["seen_at"]) == ("2026-03-02T02:00:00Z", None)
    clock.turn(seconds=40)
    front = await told(client_as, "front", task["id"])
    again = [await told(client_as, "front", task["id"]) for _ in range(20)]
    assert front["seen_at"] == "2026-03-02T02:00:40Z"
    assert all(one == front for one in again)
    assert (await client_as("operator").get("/api/snapshot")).json()["presences"] == [front]
    entries = (await client_as("operator").get(f"/api/incidents/{task['incident']}/timeline")).json()
    assert [entry["kind"] for entry in entries["items"]].count("task.seen") == 1
    # The task's own version stays: a phone that accepts without signal refers to the one it knows.
    held = (await client_as("patrol_west").get("/api/tasks?mine")).json()["items"][0]
    assert held["version"] == task["version"]


async def test_another_s_task_and_one_that_has_ended_are_ignored_and_only_a_force_has_a_page(
    client_as: ClientAs, task: dict[str, Any]
) -> None:
    assert (await told(client_as, "front", task["id"], "patrol_east"))["task"] is None
    await client_as("patrol_west").post(f"/api/tasks/{task['id']}/decline")
    assert (await told(client_as, "front", task["id"]))["task"] is None
    assert (await client_as("operator").put("/api/presence", json={"state": "front"})).status_code == 403


async def test_a_hidden_page_is_doubted_in_minutes_from_its_moment_on_and_one_fix_restores_it(
    client_as: ClientAs, clock: Clock, store: Store, world: World
) -> None:
    incident = await report(store, world, world.micro_grids()[0])
    await sent(client_as, world, clock)
    await told(client_as, "background")
    clock.turn(seconds=60)
    [doubt] = await doubts(client_as, incident, world)
    assert (doubt["params"]["hidden_s"], doubt["minutes"]) == (60, 0.2)
    clock.turn(seconds=300)
    [doubt] = await doubts(client_as, incident, world)
    assert (doubt["params"]["hidden_s"], doubt["minutes"]) == (360, 1.2)
    circle = (await client_as("operator").get("/api/reach", params={"minutes": 15})).json()
    # A fix of another app comes while the page is hidden still.
    await sent(client_as, world, clock)
    assert await doubts(client_as, incident, world) == []
    after = (await client_as("operator").get("/api/reach", params={"minutes": 15})).json()
    assert circle["forces"]["doubtful"] == after["forces"]["doubtful"] + 1


async def test_a_page_calls_for_help_without_a_place_under_its_force_s_id(
    client_as: ClientAs, clock: Clock, world: World
) -> None:
    call = {"force": world.forces["patrol_west"], "at": "2026-03-02T01:50:00Z", "alarm": "sos"}
    answer = await client_as("patrol_west").post("/api/positions", json={"fixes": [call]})
    assert answer.json()["items"][0]["code"] == "no_place"
    [alarm] = (await client_as("operator").get("/api/alarms")).json()["items"]
    assert (alarm["sent_at"], alarm["raised_at"], alarm["lon"]) == (
        "2026-03-02T01:50:00Z",
        "2026-03-02T02:00:00Z",
        None,
    )


async def sent(client_as: ClientAs, world: World, clock: Clock) -> None:
    clock.turn(seconds=1)
    at = clock()
    fix = {"force": world.forces["patrol_west"], "at": at.isoformat(), "lon": LON + 0.001, "lat": LAT + 0.001}
    answer = await client_as("patrol_west").post("/api/positions", json={"fixes": [fix]})
    assert answer.json()["items"][0]["flag"] == "ok"
    clock.turn(seconds=1)


async def doubts(client_as: ClientAs, incident: int, world: World) -> list[dict[str, Any]]:
    found = (await client_as("operator").get(f"/api/incidents/{incident}/candidates?limit=50")).json()["candidates"]
    [own] = [one for one in found if one["force"] == world.forces["patrol_west"]]
    return [reason for reason in own["reasons"] if reason["code"] == "stale"]
