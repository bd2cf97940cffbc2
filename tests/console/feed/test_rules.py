"""Audiences of events, and masked bodies."""

from dataclasses import replace
from itertools import product

import pytest
from sqlalchemy import insert, select

from api.http.wire.incidents import IncidentOut
from api.http.wire.live import ForceOut
from api.http.wire.tasks import TaskOut
from console.feed.actions import Change, append, sequence
from console.feed.bodies import Body
from console.feed.queries import events_between
from console.feed.rules import Audience, BadPosition, Cursor, Visibility
from console.feed.tables import LoggedEvent
from console.situation.kinds import KINDS
from geo.cells import cell_of, from_hex, resolution, to_hex
from geo.store import Store, lies_within
from tests.worlds import EAST, NOW, ROOT, WEST

CELL = to_hex(cell_of(120.605, 31.105))
CANARY = "canary"

INCIDENT = {
    "id": 1,
    "case_code": "MB-canary-7",
    "source": "hotline",
    "external_no": "canary",
    "category": "dispute.family",
    "risk": "low",
    "level": "village",
    "title": "canary",
    "description": "canary",
    "language": "canary",
    "status": "registered",
    "lon": 120.605123,
    "lat": 31.105123,
    "cell": CELL,
    "grid": "320509100200001",
    "division": "320509100200",
    "division_path": f"{WEST}.320509100200.320509100200001.32050910020000101",
    "occurred_at": "2026-03-02T02:00:00Z",
    "registered_at": "2026-03-02T02:00:00Z",
    "first_due_at": "2026-03-02T02:30:00Z",
    "closed_at": None,
    "duplicate_of": None,
    "merged_into": None,
    "differs_at": None,
    "address": "canary",
    "version": 3,
}
TASK = {
    "id": 1,
    "incident": 1,
    "force": 2,
    "role": "lead",
    "status": "declined",
    "active": False,
    "assigned_by": 9,
    "assigned_at": "2026-03-02T02:00:00Z",
    "answer_due_at": "2026-03-02T02:02:00Z",
    "warned_at": None,
    "accepted_at": None,
    "departed_at": None,
    "arrived_at": None,
    "ended_at": "2026-03-02T02:01:00Z",
    "reason": "canary",
    "note": "canary",
    "cost_minutes": 3.0,
    "eta_minutes": 4.0,
    "version": 2,
}
FORCE = {
    "id": 2,
    "code": "canary",
    "name": "canary",
    "kind": "mediator",
    "organisation": "canary",
    "specialities": ["canary"],
    "languages": ["canary"],
    "mode": "ebike",
    "home_lon": 120.605123,
    "home_lat": 31.105123,
    "device_datum": None,
    "duty": "on",
    "division_path": f"{WEST}.320509100200",
    "version": 1,
}
BODIES = {"incident": INCIDENT, "task": TASK, "force": FORCE}
OUT = {"incident": IncidentOut, "task": TaskOut, "force": ForceOut}


def masked(kind: str, body: Body | None = None) -> Body | None:
    return KINDS[kind].shown(body or BODIES[kind], masked=True)


@pytest.mark.parametrize("kind", ["incident", "force"])
def test_a_masked_body_has_all_fields_and_no_personal_text(kind: str) -> None:
    body = masked(kind)
    assert body is not None
    assert set(body) == set(OUT[kind].model_fields) == set(BODIES[kind])
    OUT[kind].model_validate(body)
    assert CANARY not in repr(body)


def test_a_masked_incident_is_placed_in_a_coarse_cell_of_its_village() -> None:
    body = masked("incident")
    assert body is not None
    assert resolution(from_hex(body["cell"])) == 9
    assert (body["lon"], body["lat"]) != (INCIDENT["lon"], INCIDENT["lat"])
    assert cell_of(body["lon"], body["lat"], 9) == from_hex(body["cell"])
    assert body["division_path"] == f"{WEST}.320509100200"
    assert body["grid"] is None


def test_two_incidents_in_one_coarse_cell_are_masked_to_one_place() -> None:
    there = INCIDENT | {"lon": 120.6052, "lat": 31.1052, "cell": to_hex(cell_of(120.6052, 31.1052))}
    one, other = masked("incident"), masked("incident", there)
    assert one is not None and other is not None
    assert (one["lon"], one["lat"], one["cell"]) == (other["lon"], other["lat"], other["cell"])


def test_a_masked_incident_does_not_name_the_original_it_lies_near() -> None:
    body = masked("incident", INCIDENT | {"duplicate_of": 3})
    assert body is not None and body["duplicate_of"] is None


def test_tasks_are_hidden_from_masked_audiences() -> None:
    """They link an incident and a force. So is any kind without a mask."""
    assert masked("task") is None
    assert replace(KINDS["force"], mask=None).shown(FORCE, masked=True) is None


def test_a_field_missing_in_the_mask_is_left_out() -> None:
    body = masked("incident", INCIDENT | {"party": "canary"})
    assert body is not None and "party" not in body


@pytest.mark.parametrize(
    ("path", "scope", "inside"),
    [(ROOT, ROOT, True), (WEST, ROOT, True), (ROOT, WEST, False), (WEST, EAST, False), (f"{WEST}9", WEST, False)],
)
def test_a_path_lies_within_itself_and_its_ancestors(path: str, scope: str, inside: bool) -> None:
    assert lies_within(path, scope) is inside


@pytest.mark.parametrize("text", ["", "5", ":5", "e:", "e:-1", "e:5x", "e:٥", "e:" + "9" * 30])
def test_a_position_is_an_epoch_and_a_number(text: str) -> None:
    assert Cursor.parse("e:5") == Cursor("e", 5)
    with pytest.raises(BadPosition):
        Cursor.parse(text)


async def test_an_audience_sees_in_memory_what_its_reach_sees_in_the_store(store: Store) -> None:
    """One read of the log serves every socket, so both filters must agree on every event."""
    paths = [ROOT, WEST, EAST, f"{WEST}.320509100200", f"{EAST}.320509101200"]
    sights = [Visibility(path, frozenset(forces)) for path in paths for forces in ((), (1,), (2, 1))]
    rows = [
        {"pos": pos, "at": NOW, "kind": "task", "entity_id": pos, "version": 1, "body": {}}
        | {"division_path": visibility.division_path, "force_ids": [*visibility.force_ids]}
        for pos, visibility in enumerate(sights, start=1)
    ]
    async with store.transaction(Audience(ROOT).reach) as session:
        await session.execute(insert(LoggedEvent), rows)
    audiences = [Audience(path) for path in paths] + [Audience(ROOT, force_id=force) for force in (1, 2, 3)]
    for audience in audiences:
        async with store.transaction(audience.reach) as session:
            stored = set(await session.scalars(select(LoggedEvent.pos)))
        assert stored == {pos for pos, visibility in enumerate(sights, start=1) if audience.sees(visibility)}


async def test_kinds_that_are_seen_below_are_seen_in_memory_and_in_the_store_alike(store: Store) -> None:
    kinds = [name for name, kind in KINDS.items() if kind.seen_below]
    paths = [ROOT, WEST, EAST, f"{WEST}.320509100200"]
    rows = [
        {"pos": pos, "at": NOW, "kind": kind, "entity_id": pos, "version": 1, "body": {}, "force_ids": []}
        | {"division_path": path}
        for pos, (kind, path) in enumerate(product(kinds, paths), start=1)
    ]
    assert rows
    async with store.transaction(Audience(ROOT).reach) as session:
        await session.execute(insert(LoggedEvent), rows)
    for audience in [*map(Audience, paths), Audience(ROOT, force_id=1)]:
        async with store.transaction(audience.reach) as session:
            events = await events_between(session, 0, len(rows), limit=len(rows))
        assert {event.pos for event in events if audience.receives(event, below=True)} == {
            row["pos"] for row in rows if audience.sees(Visibility(row["division_path"]), below=True)
        }
        assert all(audience.receives(event, below=True) for event in events)


MOVES = [
    (Visibility(old, frozenset(before)), Visibility(new, frozenset(after)))
    for old in (WEST, EAST, f"{WEST}.320509100200")
    for new in (WEST, EAST, f"{WEST}.320509100200")
    for before in ((), (1,), (1, 2))
    for after in ((), (2,))
]


async def test_each_audience_is_sent_the_new_state_or_gone_or_nothing_and_no_body_that_has_left_it(
    store: Store,
) -> None:
    """All changes of division between two towns and a village, with forces that come and go."""
    changes = [
        Change("task", i, 2, new.division_path, {"canary": i}, new.force_ids, old.division_path, old.force_ids)
        for i, (old, new) in enumerate(MOVES)
    ]
    async with store.transaction(Audience(ROOT).reach) as session:
        await append(session, changes, now=NOW)
    async with store.transaction(Audience(ROOT).reach) as session:
        await sequence(session, limit=1000, now=NOW)
    paths = [ROOT, WEST, EAST, f"{WEST}.320509100200"]
    for audience in [Audience(path) for path in paths] + [Audience(ROOT, force_id=force) for force in (1, 2, 3)]:
        async with store.transaction(audience.reach) as session:
            readable = await events_between(session, 0, 1000, limit=1000)
        heard = [event for event in readable if audience.receives(event)]
        assert {event.entity_id: event.body is None for event in heard} == {
            i: not audience.sees(new) for i, (old, new) in enumerate(MOVES) if audience.sees(old) or audience.sees(new)
        }
        assert len(heard) == len({event.entity_id for event in heard})
        assert {event.entity_id for event in readable if event.body is not None} == {
            i for i, (_, new) in enumerate(MOVES) if audience.sees(new)
        }
