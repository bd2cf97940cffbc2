"""The simulator's copy of the live state: a snapshot and its events."""

from typing import Any

from ingest.simulator.feed_state import FeedState

Body = dict[str, Any]


def incident(number: int, version: int, status: str) -> Body:
    return {"id": number, "version": version, "status": status}


def begun() -> FeedState:
    state = FeedState()
    fixes = {"force": [7], "lon": [120.6], "lat": [31.1]}
    tasks = [{"id": 1, "version": 1, "force": 7, "active": True}]
    state.load_snapshot(
        {
            "epoch": "e",
            "pos": 4,
            "incidents": [incident(1, 2, "assigned")],
            "tasks": tasks,
            "forces": [],
            "fixes": fixes,
        }
    )
    return state


def events(to: int, *items: Body) -> Body:
    return {"t": "events", "from": 0, "to": to, "items": list(items)}


def item(kind: str, body: Body) -> Body:
    return {"kind": kind, "id": body["id"], "version": body["version"], "body": body}


def test_only_newer_events_are_applied() -> None:
    state = begun()
    state.apply_frame(
        events(6, item("incident", incident(1, 1, "registered")), item("incident", incident(2, 1, "registered")))
    )
    assert state.incidents[1]["status"] == "assigned"
    assert [i["id"] for i in state.unassigned()] == [2]
    assert state.cursor == "e:6"


def test_a_resync_frame_drops_the_cursor() -> None:
    state = begun()
    assert state.apply_frame({"t": "resync", "reason": "epoch"}) is False
    assert state.cursor is None


def test_ended_tasks_and_closed_incidents_are_dropped() -> None:
    state = begun()
    assert state.active_tasks().keys() == {7}
    done = {"id": 1, "version": 9, "force": 7, "active": False}
    state.apply_frame(events(5, item("task", done), item("incident", incident(1, 3, "closed"))))
    assert state.active_tasks() == {}
    state.drop_ended()
    assert not state.tasks
    assert not state.incidents


def test_frames_of_other_kinds_change_nothing() -> None:
    state = begun()
    assert state.apply_frame({"t": "beat", "pos": 9}) is True
    assert state.cursor == "e:4"
