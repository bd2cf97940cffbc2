"""What changes hands, and by which rule: each thing once, and back again by the reverse change."""

from contextlib import suppress

import numpy as np
import pytest

from console.planning.carrying import carry
from console.planning.handover import Change, HeldThing, Lines, Rule, Thing, grid_workers, homes_moved, transfers_of
from console.planning.new_lines import carried
from console.planning.touching import touched
from geo.coverage.codes import final_codes
from geo.coverage.editing.applying import apply
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.splitting import Split
from geo.coverage.refusals import PlanRefused
from geo.coverage.topology import Coverage
from tests.geo.coverage.made import at, grid, micro, squares, town, village
from tests.property.editing import MAKERS

ROOT = "320509"
HALF = Split(grid(0, 0), (at(-0.1, 1), at(2.1, 1)))
"""Cuts the grid of four micro-grids in two. One of the halves keeps the code."""


def changed(before: Coverage, *operations: Split | Merge | Reassign) -> Change:
    after = before
    for operation in operations:
        after = apply(after, operation).coverage
    return Change(Lines("", before), Lines("", after, final_codes(after, {*before.divisions})))


def path(*codes: str) -> str:
    return ".".join((ROOT, *codes))


def own_path(east: int, north: int) -> str:
    """Path before of a micro-grid."""
    return path(town(east // 2), village(east // 2), grid(east // 2, north // 2), micro(east, north))


def test_each_thing_of_a_grid_that_is_split_lands_once_by_its_rule() -> None:
    change = changed(squares(), HALF)
    new = change.after.codes["new_1"]
    assert new == f"{village(0)}003"
    of_grid = path(town(0), village(0), grid(0, 0))
    held = [
        HeldThing(Thing.INCIDENT, 1, own_path(0, 0), at(0.5, 0.5)),
        HeldThing(Thing.INCIDENT, 2, own_path(0, 1), at(0.5, 1.5)),
        *(HeldThing(Thing.CAMERA, n, own_path(n % 2, n // 2), at(n % 2 + 0.5, n // 2 + 0.5)) for n in range(3)),
        HeldThing(Thing.FORCE, 1, of_grid, at(0.5, 1.5), "worker"),
        HeldThing(Thing.ACCOUNT, 1, of_grid),
    ]
    moved = {(one.held.thing, one.held.subject_id): one for one in transfers_of(change, held)}
    gone = [thing for thing, one in moved.items() if one.to_path.split(".")[3] == new]
    assert {*moved} == {*gone} and len(gone) in (2, 3)
    assert all(one.by is Rule.POINT for one in moved.values())
    assert (Thing.FORCE, 1) not in moved and (Thing.ACCOUNT, 1) not in moved
    [home] = homes_moved(change, [held[5]]) if (Thing.INCIDENT, 2) in moved else [None]
    assert home is None or (home.to_path.endswith(new) and home.held.thing is Thing.HOME)


def test_what_has_no_point_goes_with_the_code_and_then_with_most_of_the_land() -> None:
    change = changed(squares(), Merge((grid(0, 0), grid(0, 1))))
    ended, kept = path(town(0), village(0), grid(0, 1)), path(town(0), village(0), grid(0, 0))
    held = [
        HeldThing(Thing.INCIDENT, 1, ended),
        HeldThing(Thing.INCIDENT, 2, kept),
        HeldThing(Thing.ACCOUNT, 1, ended),
        HeldThing(Thing.FORCE, 1, ended, at(9, 9)),
        HeldThing(Thing.FORCE, 2, ended, at(0.5, 2.5)),
        HeldThing(Thing.FORCE, 3, ended, at(0.5, 2.5)),
    ]
    moved = transfers_of(change, held, choices={3: path(town(1), village(1), grid(1, 0))})
    assert [(one.held.subject_id, one.to_path, one.by) for one in moved] == [
        (1, kept, Rule.LAND),
        (1, kept, Rule.LAND),
        (1, kept, Rule.LAND),
        (2, kept, Rule.POINT),
        (3, path(town(1), village(1), grid(1, 0)), Rule.CHOICE),
    ]


def test_a_division_that_moves_to_another_parent_takes_all_below_with_it() -> None:
    change = changed(squares(), Reassign((grid(0, 1),), village(1)))
    was = path(town(0), village(0), grid(0, 1))
    assert was in change.affected and not any(one.startswith(f"{was}.") for one in change.affected)
    held = [HeldThing(Thing.INCIDENT, 1, own_path(0, 2), at(0.5, 2.5)), HeldThing(Thing.FORCE, 1, was)]
    moved = [(one.to_path, one.by) for one in transfers_of(change, held)]
    there = path(town(1), village(1), grid(0, 1))
    assert moved == [(f"{there}.{micro(0, 2)}", Rule.POINT), (there, Rule.CODE)]


@pytest.mark.parametrize(
    ("posts", "shared", "nobody"),
    [
        ({1: path(town(0), village(0), grid(0, 0))}, True, False),
        ({1: path(town(0), village(0))}, False, False),
        ({}, False, True),
    ],
)
def test_a_new_grid_shares_the_workers_of_its_land_and_is_never_left_to_nobody(
    posts: dict[int, str], shared: bool, nobody: bool
) -> None:
    change = changed(squares(), HALF)
    before = posts or {1: path(town(0), village(0), grid(0, 0))}
    who = grid_workers(change, posts, posts_before=before)
    assert who.shared == ({"new_1": grid(0, 0)} if shared else {})
    assert [*who.unserved] == (["new_1"] if nobody else [])
    assert [*grid_workers(change, {}, posts_before={}).unserved] == []


@pytest.mark.parametrize("seed", range(6))
def test_everything_handed_over_is_back_after_the_reverse_change(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before = after = squares()
    for _ in range(6):
        make = MAKERS[int(rng.integers(len(MAKERS)))]
        with suppress(PlanRefused):
            after = apply(after, make(after, rng.random(8).tolist())).coverage
    codes = final_codes(after, {*before.divisions})
    there = Change(Lines("", before), Lines("", after, codes))
    west, south, east, north = before.outer.bounds
    points = [(float(x), float(y)) for x, y in rng.random((60, 2)) * (east - west, north - south) + (west, south)]
    owners = there.before.owners(points)
    held = [
        HeldThing(Thing.INCIDENT, i, own, point)
        for i, (own, point) in enumerate(zip(owners, points, strict=True))
        if own is not None
    ]
    moved = transfers_of(there, held)
    assert all(any(one.held.path == p or one.held.path.startswith(f"{p}.") for p in there.affected) for one in moved)
    now = {one.held.subject_id: one.to_path for one in moved}
    back = Change(there.after, there.before)
    returned = transfers_of(back, [HeldThing(Thing.INCIDENT, i, now[i], points[i]) for i in now])
    assert {one.held.subject_id: one.to_path for one in returned} == {
        one.held.subject_id: one.held.path for one in moved
    }


def test_versions_begin_only_for_what_differs_and_counts_keep_their_sums() -> None:
    change = changed(squares(), HALF, Reassign((micro(2, 1),), grid(1, 1)))
    ended, begun = change.versions
    assert micro(3, 3) not in ended and village(1) not in ended
    assert {grid(0, 0), grid(1, 0), grid(1, 1), micro(2, 1)} <= {*ended} and "new_1" in begun
    counts: dict[str, int | None] = dict.fromkeys(squares().finest, 7)
    counts |= {grid(side, row): 28 for side in range(2) for row in range(2)} | {village(0): None}
    found = carried(change, counts)
    for level in ("micro_grid", "grid"):
        of_level = [code for code, one in change.after.coverage.divisions.items() if one.level == level]
        assert sum(found[code] or 0 for code in of_level) == 112
    assert found[village(0)] is None


def test_a_count_that_is_shared_out_by_area_tells_by_how_much_it_may_be_wrong() -> None:
    before = squares()
    after = apply(before, Split(micro(0, 0), (at(-0.1, 0.085), at(1.1, 0.085)))).coverage
    spread = carry(before, after, touched(before, after))
    counts = np.array([85 if code == micro(0, 0) else 10 for code in before.finest] + [0])
    found = dict(zip(after.finest, spread.of(counts).tolist(), strict=False))
    small = next(code for code in after.finest if code.startswith("new"))
    assert (found[small], found[micro(0, 0)]) == (7, 78)
    row = {code: i for i, code in enumerate(after.finest)}
    assert spread.error_of(counts, [row[small]]) == 78
    assert spread.error_of(counts, [row[small], row[micro(0, 0)]]) == 0
    assert spread.error_of(counts, [row[micro(3, 3)]]) == 0
