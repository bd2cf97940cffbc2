"""Tests of codes: provisional in the draft, the next free one of the parent when it is published."""

import pytest

from geo.coverage.codes import final_codes, is_provisional
from geo.coverage.editing.applying import apply
from geo.coverage.editing.creating import Create
from geo.coverage.editing.reassigning import Merge
from geo.coverage.editing.splitting import Split
from geo.coverage.refusals import CodesUsedUp
from geo.coverage.topology import Coverage
from tests.geo.coverage.made import at, grid, micro, real, squares, village

ACROSS = Split(micro(1, 1), (at(0.9, 1.3), at(2.1, 1.3)))


def split(coverage: Coverage, east: int, north: int) -> Coverage:
    line = (at(east - 0.1, north + 0.3), at(east + 1.1, north + 0.3))
    return apply(coverage, Split(micro(east, north), line)).coverage


def test_two_drafts_that_split_different_micro_grids_get_different_codes_when_published_in_turn() -> None:
    first, second = split(squares(), 0, 0), split(squares(), 1, 1)
    used = {*squares().divisions}
    one = final_codes(first, used)
    other = final_codes(second, used | {*one.values()})
    assert (one, other) == ({"new_1": f"{grid(0, 0)}05"}, {"new_1": f"{grid(0, 0)}06"})


def test_codes_that_ended_on_another_day_are_not_used_again() -> None:
    assert final_codes(split(squares(), 0, 0), {f"{grid(0, 0)}17"}) == {"new_1": f"{grid(0, 0)}18"}


def test_a_code_that_ended_in_the_draft_is_not_used_again() -> None:
    merged = apply(squares(), Merge((micro(0, 0), micro(1, 0)))).coverage
    assert final_codes(split(merged, 1, 1), {*squares().divisions}) == {"new_1": f"{grid(0, 0)}05"}


def test_a_new_grid_and_its_first_micro_grid_follow_the_scheme() -> None:
    ring = (at(1.3, 1.3), at(1.6, 1.3), at(1.6, 1.6), at(1.3, 1.6), at(1.3, 1.3))
    after = apply(squares(), Create(village(0), ring, "market")).coverage
    assert final_codes(after, ()) == {"new_1": f"{village(0)}003", "new_2": f"{village(0)}00301"}


def test_a_full_parent_is_refused() -> None:
    with pytest.raises(CodesUsedUp) as refused:
        final_codes(split(squares(), 0, 0), {f"{grid(0, 0)}99"})
    assert refused.value.params["codes"] == [grid(0, 0)]


def test_codes_without_a_scheme_are_numbered_after_their_parent() -> None:
    coverage = real("dali")
    code = coverage.finest[0]
    west, south, east, north = coverage.shapes[code].bounds
    after = apply(coverage, Split(code, ((west - 1, (south + north) / 2), (east + 1, (south + north) / 2)))).coverage
    assert next(iter(final_codes(after, ()).values())) == "top1" and is_provisional("new_1")
