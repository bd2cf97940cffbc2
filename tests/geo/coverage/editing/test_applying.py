"""Tests of locks, names, undo and replay."""

import json
from typing import Any

import pytest

from geo.coverage.editing.applying import Operation, apply, replay
from geo.coverage.editing.attributes import Designate, Lock, Rename, Unlock
from geo.coverage.editing.creating import Create
from geo.coverage.editing.moving import Move, Snap, Straighten
from geo.coverage.editing.operations import AnyOperation, as_json, operation_of, stored_operation_of
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.restoring import Restore
from geo.coverage.editing.splitting import Split, SplitAlong
from geo.coverage.refusals import ChangesNothing, Conflict, Locked, NoName, Unreadable
from tests.geo.coverage.made import at, grid, micro, squares, village

RING = (at(1.3, 1.3), at(1.6, 1.3), at(1.6, 1.6), at(1.3, 1.6), at(1.3, 1.3))
EACH: list[AnyOperation] = [
    Reassign((micro(0, 1),), grid(0, 1)),
    Merge((micro(1, 1), micro(0, 1))),
    Merge((grid(0, 1), grid(0, 0))),
    Split(micro(1, 1), (at(0.9, 1.3), at(2.1, 1.3)), keep=at(1.5, 1.1)),
    Split(grid(0, 0), (at(-1, 0.4), at(2.5, 1.4))),
    SplitAlong(micro(1, 1), ((at(1.5, 0.5), at(1.5, 2.5)), (at(0.5, 1.4), at(2.5, 1.4)))),
    Move(vertex=at(2, 1), to=at(2.2, 1.1)),
    Move(edge=at(1.5, 1), to=(at(1, 1), at(1.5, 1.2), at(2, 1))),
    Snap((micro(0, 0),), ((at(1.03, -1), at(1.03, 5)),), within_m=15),
    Create(village(0), RING, "market"),
    Rename(micro(1, 1), "新名"),
    Designate(micro(1, 1), "market"),
    Lock((grid(0, 0),)),
]


def names(operation: AnyOperation) -> str:
    return operation.op


@pytest.mark.parametrize("operation", EACH, ids=names)
def test_undoing_gives_back_the_very_bytes_and_redoing_those_after(operation: AnyOperation) -> None:
    applied = apply(squares(), operation)
    undone = apply(applied.coverage, applied.inverse)
    assert applied.coverage.as_bytes() != squares().as_bytes() == undone.coverage.as_bytes()
    assert apply(undone.coverage, operation).coverage.as_bytes() == applied.coverage.as_bytes()
    assert apply(undone.coverage, undone.inverse).coverage.as_bytes() == applied.coverage.as_bytes()


@pytest.mark.parametrize("operation", [*EACH, Straighten(at(1.5, 1), within_m=5), Unlock((grid(0, 0),))], ids=names)
def test_an_operation_is_kept_as_json(operation: AnyOperation) -> None:
    assert operation_of(json.loads(json.dumps(as_json(operation)))) == operation


@pytest.mark.parametrize("operation", EACH, ids=names)
def test_an_inverse_is_kept_as_json(operation: AnyOperation) -> None:
    applied = apply(squares(), operation)
    inverse = stored_operation_of(json.loads(json.dumps(as_json(applied.inverse))))
    assert apply(applied.coverage, inverse).coverage.as_bytes() == squares().as_bytes()


@pytest.mark.parametrize(
    "operation",
    [one for one in EACH if not isinstance(one, Lock)],
    ids=names,
)
def test_nothing_changes_a_locked_grid_or_what_lies_in_it(operation: Operation) -> None:
    locked = apply(squares(), Lock((grid(0, 0),))).coverage
    with pytest.raises(Locked) as refused:
        apply(locked, operation)
    assert refused.value.params["locked"] == [grid(0, 0)] and refused.value.params["where"]
    unlocked = apply(locked, Unlock((grid(0, 0),))).coverage
    assert unlocked.as_bytes() == squares().as_bytes() and apply(unlocked, operation)


def test_a_junction_may_go_into_a_locked_grid_since_its_land_stays() -> None:
    locked = apply(squares(), Lock((grid(0, 0),))).coverage
    applied = apply(locked, Split(micro(2, 1), (at(1.9, 1.3), at(3.1, 1.3))))
    assert grid(0, 0) in applied.revised


def test_a_lock_on_a_village_holds_for_its_grids_and_not_for_its_town() -> None:
    locked = apply(squares(), Lock((village(0),))).coverage
    with pytest.raises(Locked):
        apply(locked, Rename(micro(0, 0), "other"))
    assert apply(locked, Rename(village(0)[:9], "other"))


@pytest.mark.parametrize("name", ["", "  ", "网" * 201])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(NoName):
        apply(squares(), Rename(micro(0, 0), name))


def test_renaming_changes_the_name_alone() -> None:
    applied = apply(squares(), Rename(micro(0, 0), " 河东一号 "))
    assert applied.changed == (micro(0, 0),) and applied.coverage.divisions[micro(0, 0)].name == "河东一号"
    assert applied.coverage.shapes is squares().shapes
    with pytest.raises(ChangesNothing):
        apply(applied.coverage, Rename(micro(0, 0), "河东一号"))


def test_undoing_what_has_been_changed_since_is_refused() -> None:
    first = apply(squares(), Move(vertex=at(1, 1), to=at(1.2, 1.2)))
    second = apply(first.coverage, Move(vertex=at(1.2, 1.2), to=at(1.1, 1.1)))
    with pytest.raises(Conflict) as refused:
        apply(second.coverage, first.inverse)
    assert micro(0, 0) in refused.value.params["codes"] and refused.value.params["where"]


def test_replaying_the_same_operations_gives_the_same_bytes() -> None:
    operations = [EACH[3], EACH[10], EACH[0], EACH[6]]
    once, again = ([*replay(squares(), operations)][-1].coverage.as_bytes() for _ in range(2))
    assert once == again


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["op"]),
        ({"op": 3}, ["op"]),
        ({"op": "explode"}, ["op"]),
        ({"op": "merge"}, ["codes"]),
        ({"op": "merge", "codes": []}, ["codes"]),
        ({"op": "merge", "codes": "abc"}, ["codes"]),
        ({"op": "merge", "codes": ["a"], "to": "b"}, ["to"]),
        ({"op": "split", "code": "a", "line": [[0, 0]]}, ["line"]),
        ({"op": "split", "code": "a", "line": [[0, 0], [0, 0]]}, ["line"]),
        ({"op": "split", "code": "a", "line": [[0, 0], [181, 0]]}, ["line"]),
        ({"op": "split", "code": "a", "line": [[0, 0], [float("nan"), 0]]}, ["line"]),
        ({"op": "split", "code": "a", "line": [[0, 0], [True, 0]]}, ["line"]),
        ({"op": "split", "code": "a", "line": {"type": "Point", "coordinates": [0, 0]}}, ["line"]),
        ({"op": "move", "to": [0, 0]}, ["to"]),
        ({"op": "move", "to": [0, 0], "edge": [1, 1], "vertex": [1, 1]}, ["edge", "to", "vertex"]),
        ({"op": "create", "within": "a", "polygon": [[0, 0], [1, 1]], "kind": "park"}, ["polygon"]),
        ({"op": "snap", "codes": ["a"], "lines": [[[0, 0], [1, 1]]], "within_m": -1}, ["within_m"]),
        ({"op": "restore", "kept": {}}, ["op"]),
    ],
    ids=str,
)
def test_a_malformed_operation_names_its_fields(body: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(Unreadable) as refused:
        operation_of(body)
    assert refused.value.params["fields"] == fields


def test_a_stored_inverse_that_is_broken_is_refused() -> None:
    for kept in ({}, [], {"gone": 3, "new": [], "before": {}, "after": {}, "issued": [0, 0]}):
        with pytest.raises(Unreadable):
            stored_operation_of({"op": "restore", "kept": kept})


def test_lines_and_rings_may_be_geojson() -> None:
    line = {"type": "LineString", "coordinates": [list(at(0.9, 1.3)), list(at(2.1, 1.3))]}
    ring = {"type": "Polygon", "coordinates": [[list(place) for place in RING]]}
    assert operation_of({"op": "split", "code": micro(1, 1), "line": line}) == Split(
        micro(1, 1), (at(0.9, 1.3), at(2.1, 1.3))
    )
    made = operation_of({"op": "create", "within": village(0), "polygon": ring, "kind": "market"})
    assert made == Create(village(0), RING, "market")


def test_restoring_is_told_as_such() -> None:
    assert isinstance(apply(squares(), EACH[0]).inverse, Restore)
