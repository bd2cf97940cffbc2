"""Closing roads over HTTP: who may, who sees it, and every refusal."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from console.closures import rules
from geo.store import Store
from tests.live.viewing import Viewer, disagreements, live_of, swept
from tests.reporting import place, report
from tests.worlds import EAST, LAT, LON, NOW, SIDE, WEST, ClientAs, Clock, World

LINE = {
    "drawn": "line",
    "points": [[LON + 0.4 * SIDE, LAT + 0.5 * SIDE], [LON + 0.6 * SIDE, LAT + 0.5 * SIDE]],
    "modes": ["car"],
    "reason": "赶集",
}
IN_THE_WEST = LINE
IN_THE_EAST = LINE | {"points": [[LON + 2.4 * SIDE, LAT + 0.5 * SIDE], [LON + 2.6 * SIDE, LAT + 0.5 * SIDE]]}
ACROSS = LINE | {"points": [[LON + 1.9 * SIDE, LAT + 0.5 * SIDE], [LON + 2.1 * SIDE, LAT + 0.5 * SIDE]]}


async def closed(client_as: ClientAs, username: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client_as(username).post("/api/closures", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def seen(client_as: ClientAs, username: str) -> list[int]:
    answer = await client_as(username).get("/api/closures", params={"open": "true"})
    assert answer.status_code == 200
    return [one["id"] for one in answer.json()["items"]]


async def test_a_closure_is_seen_where_it_lies_above_and_within_and_lifted_where_it_lies_and_above(
    client_as: ClientAs, world: World
) -> None:
    west = await closed(client_as, "operator_west", IN_THE_WEST)
    both = await closed(client_as, "operator", ACROSS)
    assert (west["division_path"], both["division_path"]) == (world.micro_grids()[0], world.root)
    assert (west["opened_by"], west["opener"], west["lifted_by"]) == (
        world.users["operator_west"],
        "operator_west",
        None,
    )
    assert await seen(client_as, "operator") == await seen(client_as, "operator_west") == [west["id"], both["id"]]
    assert await seen(client_as, "operator_east") == [both["id"]]
    lift = f"/api/closures/{west['id']}/lift"
    assert (await client_as("operator_east").post(lift)).status_code == 404
    assert (await client_as("operator_east").post(f"/api/closures/{both['id']}/lift")).status_code == 403
    assert (await client_as("supervisor").post(lift)).status_code == 403
    for _ in range(2):
        lifted = (await client_as("operator").post(lift)).json()
        assert (lifted["lifted_by"], lifted["ended_at"], lifted["version"]) == (world.users["operator"], ended(), 2)
    assert await seen(client_as, "operator_west") == [both["id"]]
    answer = await client_as("operator").get("/api/closures", params={"open": "false"})
    assert [one["id"] for one in answer.json()["items"]] == [west["id"]]


def ended() -> str:
    return NOW.isoformat().replace("+00:00", "Z")


async def test_a_town_may_close_what_reaches_beyond_it(client_as: ClientAs, world: World) -> None:
    made = await closed(client_as, "operator_west", ACROSS)
    assert made["division_path"] == world.west
    assert await seen(client_as, "operator_east") == []


async def test_a_wall_and_a_patrol_are_shown_what_is_closed_but_not_by_whom_or_why(client_as: ClientAs) -> None:
    made = await closed(client_as, "operator", IN_THE_WEST)
    unsaid = {"reason": "", "opened_by": None, "opener": "", "lifted_by": None}
    (listed,) = (await client_as("wall").get("/api/closures")).json()["items"]
    (shown,) = (await client_as("wall").get("/api/snapshot")).json()["closures"]
    assert listed == shown == made | unsaid
    assert (await client_as("patrol_west").get("/api/closures")).json()["items"] == [shown]
    assert (await client_as("source").get("/api/closures")).status_code == 403


async def test_a_patrol_that_is_sent_to_another_town_is_shown_what_is_closed_there_until_its_task_ends(
    client_as: ClientAs, store: Store, world: World
) -> None:
    made = await closed(client_as, "operator_east", IN_THE_EAST)
    assert await seen(client_as, "patrol_west") == []
    incident = await report(store, world, world.micro_grids(EAST)[0])
    await place(store, world, "patrol_west", WEST)
    sent = await client_as("operator").post(
        f"/api/incidents/{incident}/tasks", json={"force": world.forces["patrol_west"]}
    )
    assert sent.status_code == 201
    assert await seen(client_as, "patrol_west") == [made["id"]]
    (shown,) = (await client_as("patrol_west").get("/api/closures")).json()["items"]
    assert (shown["reason"], shown["opener"]) == ("", "")
    assert await seen(client_as, "operator_west") == []
    await client_as("operator").post(f"/api/tasks/{sent.json()['id']}/recall")
    assert await seen(client_as, "patrol_west") == []


async def test_halls_are_told_at_once_and_when_it_ends_by_itself(
    app: FastAPI, client_as: ClientAs, clock: Clock
) -> None:
    live = live_of(app)
    viewers = [Viewer(one, False, client_as, live) for one in ("operator", "operator_west", "operator_east", "wall")]
    for viewer in viewers:
        await viewer.begin()
    until = {"ends_at": (NOW + timedelta(hours=1)).isoformat()}
    west = await closed(client_as, "operator_west", IN_THE_WEST | until)
    both = await closed(client_as, "operator", ACROSS)
    assert await disagreements(viewers) == []
    shown = [{one["id"] for one in viewer.state.settled(clock())["closures"]} for viewer in viewers]
    assert shown == [{west["id"], both["id"]}, {west["id"], both["id"]}, {both["id"]}, {west["id"], both["id"]}]
    clock.turn(minutes=61)
    await swept(live, clock)
    assert await disagreements(viewers) == []
    assert await seen(client_as, "operator") == [both["id"]]
    one = (await client_as("operator").get("/api/closures", params={"open": "false"})).json()["items"][0]
    assert one["ended_at"] and one["lifted_by"] is None


async def test_halls_and_phones_are_told_when_a_closure_begins_that_was_stated_before(
    app: FastAPI, client_as: ClientAs, clock: Clock
) -> None:
    """At that moment, and no sooner: they would ask again for ways that have not changed yet."""
    live = live_of(app)
    viewers = [Viewer(one, False, client_as, live) for one in ("operator", "operator_west")]
    for viewer in viewers:
        await viewer.begin()
    times = {"starts_at": NOW + timedelta(minutes=10, seconds=0.4), "ends_at": NOW + timedelta(minutes=20)}
    said = {name: time.isoformat() for name, time in times.items()}
    await closed(client_as, "operator", IN_THE_WEST | said)
    unsaid = await closed(client_as, "operator", ACROSS | said)
    await client_as("operator").post(f"/api/closures/{unsaid['id']}/lift")

    async def told(**later: float) -> list[int]:
        clock.turn(**later)
        await swept(live, clock)
        assert await disagreements(viewers) == []
        return [one["version"] for one in viewers[1].state.settled(clock())["closures"]]

    steps = (({}, [1, 2]), ({"minutes": 10}, [1, 2]), ({"seconds": 1}, [2, 2]), ({"minutes": 10}, [3, 2]))
    numbers = []
    for later, versions in steps:
        assert await told(**later) == versions
        numbers.append(live.hub.changed["closures"])
    assert numbers[0] == numbers[1] != numbers[2] != numbers[3]


CROSSED = [[LON, LAT], [LON + SIDE, LAT + SIDE], [LON + SIDE, LAT], [LON, LAT + SIDE]]
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an outline that crosses itself": ({"drawn": "polygon", "points": CROSSED}, "closure.crosses_itself"),
    "a line that crosses itself": ({"points": [*CROSSED, CROSSED[0]]}, "closure.crosses_itself"),
    "a line that closes a ring": (
        {"points": [[LON, LAT], [LON + SIDE, LAT], [LON + SIDE, LAT + SIDE], [LON, LAT]]},
        "closure.crosses_itself",
    ),
    "a line without length": ({"points": [[LON, LAT], [LON, LAT]]}, "closure.too_small"),
    "too long a line": ({"points": [[LON, LAT], [LON + 6 * SIDE, LAT]]}, "closure.too_large"),
    "an area elsewhere": ({"points": [[9.5, 47.1], [9.501, 47.1]]}, "closure.outside"),
    "an end before the begin": (
        {"starts_at": "2026-03-03T00:00:00Z", "ends_at": "2026-03-02T23:00:00Z"},
        "closure.times",
    ),
    "an end that is past": ({"ends_at": "2026-03-02T01:59:00Z"}, "closure.times"),
    "an end in two years": ({"ends_at": "2028-03-02T01:59:00Z"}, "closure.times"),
    "an unknown mode": ({"modes": ["tank"]}, "invalid"),
    "no mode": ({"modes": []}, "invalid"),
    "a polygon of two corners": ({"drawn": "polygon"}, "invalid"),
    "a place off the globe": ({"points": [[200, 10], [0, 0]]}, "invalid"),
    "no reason": ({"reason": " "}, "invalid"),
}


@pytest.mark.parametrize("what", REFUSED, ids=lambda what: what.replace(" ", "_"))
async def test_what_cannot_be_closed_is_refused_with_a_code_and_nothing_is_kept(client_as: ClientAs, what: str) -> None:
    changed, code = REFUSED[what]
    answer = await client_as("operator").post("/api/closures", json=LINE | changed)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await seen(client_as, "operator") == []


async def test_a_town_cannot_close_what_lies_in_another(client_as: ClientAs) -> None:
    answer = await client_as("operator_west").post("/api/closures", json=IN_THE_EAST)
    assert (answer.status_code, answer.json()["code"]) == (422, "closure.outside")
    for other in ("supervisor", "planner", "wall", "patrol_west"):
        assert (await client_as(other).post("/api/closures", json=LINE)).status_code == 403


async def test_no_more_are_open_at_once_than_a_ranking_can_bear(
    client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted over the whole county, whoever opened them."""
    monkeypatch.setattr(rules, "MOST_OPEN", 2)
    first = await closed(client_as, "operator_west", IN_THE_WEST)
    await closed(client_as, "operator_east", IN_THE_EAST)
    answer = await client_as("operator_west").post("/api/closures", json=IN_THE_WEST)
    assert (answer.status_code, answer.json()["code"]) == (409, "closure.too_many")
    assert answer.json()["params"]["limit"] == 2
    await client_as("operator_west").post(f"/api/closures/{first['id']}/lift")
    await closed(client_as, "operator_west", IN_THE_WEST)
