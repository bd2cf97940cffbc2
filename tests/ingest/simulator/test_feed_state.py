"""The simulator's picture of the county: a snapshot and its events."""

from typing import Any

from ingest.simulator.feed_state import Picture

Body = dict[str, Any]


def incident(number: int, version: int, status: str) -> Body:
    return {"id": number, "version": version, "status": status}


def begun() -> Picture:
    picture = Picture()
    fixes = {"force": [7], "lon": [120.6], "lat": [31.1]}
    tasks = [{"id": 1, "version": 1, "force": 7, "active": True}]
    picture.begin(
        {
            "epoch": "e",
            "pos": 4,
            "incidents": [incident(1, 2, "assigned")],
            "tasks": tasks,
            "forces": [],
            "fixes": fixes,
        }
    )
    return picture


def events(to: int, *items: Body) -> Body:
    return {"t": "events", "from": 0, "to": to, "items": list(items)}


def item(kind: str, body: Body) -> Body:
    return {"kind": kind, "id": body["id"], "version": body["version"], "body": body}


def test_an_event_counts_when_it_is_newer() -> None:
    picture = begun()
    picture.receive(
        events(6, item("incident", incident(1, 1, "registered")), item("incident", incident(2, 1, "registered")))
    )
    assert picture.incidents[1]["status"] == "assigned"
    assert [i["id"] for i in picture.unserved()] == [2]
    assert picture.cursor == "e:6"


def test_a_resync_asks_for_a_snapshot() -> None:
    picture = begun()
    assert picture.receive({"t": "resync", "reason": "epoch"}) is False
    assert picture.cursor is None


def test_what_has_ended_is_forgotten() -> None:
    picture = begun()
    assert picture.active_tasks().keys() == {7}
    done = {"id": 1, "version": 9, "force": 7, "active": False}
    picture.receive(events(5, item("task", done), item("incident", incident(1, 3, "closed"))))
    assert picture.active_tasks() == {}
    picture.forget_ended()
    assert not picture.tasks
    assert not picture.incidents


def test_frames_of_other_kinds_change_nothing() -> None:
    picture = begun()
    assert picture.receive({"t": "beat", "pos": 9}) is True
    assert picture.cursor == "e:4"
