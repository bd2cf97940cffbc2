"""What a person did in a shift."""

from datetime import timedelta
from typing import Any

from tests.worlds import EAST, WEST, ClientAs, Clock, World


async def report(client_as: ClientAs, who: str, world: World, *, title: str, at: str = WEST) -> Any:
    lon, lat = world.middle_of(world.micro_grids(at)[0])
    source = "hotline" if who == "source" else "window"
    body = {"source": source, "category": "dispute.neighbour", "title": title, "lon": lon, "lat": lat}
    answer = await client_as(who).post("/api/incidents", json=body)
    assert answer.is_success, answer.text
    return answer.json()


async def shift(client_as: ClientAs, who: str, **params: Any) -> Any:
    answer = await client_as(who).get("/api/shift", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def done(shift: Any) -> list[tuple[str, str]]:
    return [(entry["kind"], entry["title"]) for entry in shift["items"]]


async def test_a_shift_lists_what_one_did_oneself_newest_first(client_as: ClientAs, world: World, clock: Clock) -> None:
    await report(client_as, "source", world, title="From elsewhere")
    mine = await report(client_as, "operator", world, title="Leak")
    clock.turn(minutes=10)
    path, body = f"/api/incidents/{mine['id']}/tasks", {"force": world.forces["patrol_west"]}
    task = (await client_as("operator").post(path, json=body)).json()
    clock.turn(minutes=1)
    await client_as("operator").post(f"/api/tasks/{task['id']}/recall", json={})
    await client_as("operator").post(f"/api/incidents/{mine['id']}/close", json={"note": "settled"})
    listed = await shift(client_as, "operator")
    assert done(listed) == [
        ("closed", "Leak"), ("case.moved", "Leak"), ("task.recalled", "Leak"), ("task.assigned", "Leak"),
        ("registered", "Leak"),
    ]  # fmt: skip
    assert {entry["status"] for entry in listed["items"]} == {"closed"}
    assert [entry["force_name"] for entry in listed["items"]][2:4] == ["Force patrol_west"] * 2
    assert done(await shift(client_as, "supervisor")) == []


async def test_a_shift_begins_when_asked_and_says_that_more_was_done(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    for title in ("First", "Second", "Third"):
        await report(client_as, "operator", world, title=title)
        clock.turn(hours=1)
    start = clock().isoformat()
    await report(client_as, "operator", world, title="Fourth")
    assert done(await shift(client_as, "operator", since=start)) == [("registered", "Fourth")]
    some = await shift(client_as, "operator", limit=2)
    assert (done(some), some["more"]) == ([("registered", "Fourth"), ("registered", "Third")], True)
    assert (await shift(client_as, "operator"))["more"] is False
    clock.turn(days=8)
    assert done(await shift(client_as, "operator", since="2020-01-01T00:00:00Z")) == []


async def test_a_shift_says_nothing_of_incidents_that_are_out_of_reach(client_as: ClientAs, world: World) -> None:
    await report(client_as, "operator", world, title="In the east", at=EAST)
    assert done(await shift(client_as, "operator_west")) == []
    for who in ("patrol_west", "wall", "planner", "source"):
        assert (await client_as(who).get("/api/shift")).status_code == 403


async def test_a_handover_tells_what_happened_since_one_left_and_what_waits(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    before = await report(client_as, "source", world, title="Before")
    clock.turn(hours=1)
    await report(client_as, "operator", world, title="My last")
    clock.turn(hours=8)
    new = await report(client_as, "operator_west", world, title="While away")
    path, body = f"/api/incidents/{before['id']}", {"force": world.forces["patrol_west"]}
    assert (await client_as("operator_west").post(f"{path}/tasks", json=body)).is_success
    assert (await client_as("operator_west").post(f"{path}/notes", json={"note": "key at the gate"})).is_success
    closing = f"/api/incidents/{new['id']}/close"
    assert (await client_as("operator_west").post(closing, json={"note": "settled"})).is_success
    asked = {"since": (clock() - timedelta(hours=8, minutes=-1)).isoformat()}

    async def told(who: str, **params: Any) -> Any:
        answer = await client_as(who).get("/api/shift/handover", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    found = await told("operator", **asked)
    assert [[one["title"] for one in found[name]["items"]] for name in ("opened", "closed", "noted", "tasks")] == [
        ["While away"], ["While away"], ["Before"], ["Before"],
    ]  # fmt: skip
    assert (found["noted"]["items"][0]["detail"], found["tasks"]["items"][0]["force_name"]) == (
        "key at the gate",
        "Force patrol_west",
    )
    assert found["due"]["count"] >= 2 and found["alarms"] == {"count": 0, "items": []}
    dues = [one["at"] for one in found["due"]["items"]]
    assert dues == sorted(dues)
    assert (await told("operator", **asked, limit=1))["due"]["count"] == found["due"]["count"]
    east = await told("operator_east", **asked)
    assert {one["count"] for name, one in east.items() if isinstance(one, dict)} == {0}
    first_time = await told("operator")
    assert first_time["since"] < first_time["signed_in_at"]
    for who in ("patrol_west", "wall", "planner", "source"):
        assert (await client_as(who).get("/api/shift/handover")).status_code == 403
