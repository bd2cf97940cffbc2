"""Tests of reassigning and merging: only along shared edges, within one parent, and every level above follows."""

import pytest
from shapely.geometry import shape

from geo.coverage.checking import check_coverage
from geo.coverage.editing.applying import apply
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.refusals import (
    AcrossParents,
    ChangesNothing,
    Emptied,
    NotConnected,
    UnknownCode,
    WrongLevel,
)
from tests.geo.coverage.made import grid, micro, square, squares, town, village


def test_a_reassigned_micro_grid_takes_its_land_to_the_other_grid() -> None:
    applied = apply(squares(), Reassign((micro(0, 1),), grid(0, 1)))
    assert applied.changed == (grid(0, 0), grid(0, 1), micro(0, 1))
    assert applied.coverage.outline(grid(0, 1)).equals(square(0, 1, 1, 3).union(square(1, 2, 1, 2)))
    assert applied.coverage.edges is squares().edges and check_coverage(applied.coverage) == []


def test_reassigning_across_a_town_line_moves_the_lines_above() -> None:
    applied = apply(squares(), Reassign((micro(1, 1),), grid(1, 0)))
    assert set(applied.changed) == {
        micro(1, 1),
        *(f(s) for f in (town, village) for s in (0, 1)),
        grid(0, 0),
        grid(1, 0),
    }


def test_a_grid_goes_to_another_village_with_all_that_lies_in_it() -> None:
    applied = apply(squares(), Reassign((grid(0, 1),), village(1)))
    assert {grid(0, 1), village(0), village(1), town(0), town(1)} == set(applied.changed)
    assert applied.coverage.outline(town(1)).equals(square(2, 0, 2, 2).union(square(0, 2, 4, 2)))


def test_a_part_that_touches_only_at_a_corner_is_not_connected() -> None:
    with pytest.raises(NotConnected) as refused:
        apply(squares(), Reassign((micro(2, 2),), grid(0, 0)))
    assert refused.value.params["codes"] == [grid(0, 0)]
    assert shape(refused.value.params["where"]).geom_type == "MultiPolygon"


def test_reassigning_must_not_leave_a_tail_that_hangs_by_a_corner() -> None:
    three = apply(squares(), Reassign((micro(0, 1),), grid(0, 1))).coverage
    with pytest.raises(NotConnected) as refused:
        apply(three, Reassign((micro(0, 2),), grid(1, 1)))
    assert grid(0, 1) in refused.value.params["codes"] or grid(1, 1) in refused.value.params["codes"]


def test_reassigning_everything_out_of_a_grid_is_refused() -> None:
    with pytest.raises(Emptied) as refused:
        apply(squares(), Reassign(tuple(micro(e, n) for e in (0, 1) for n in (0, 1)), grid(0, 1)))
    assert refused.value.params["codes"] == [grid(0, 0)]


@pytest.mark.parametrize("to", [village(1), town(1), micro(3, 3)])
def test_a_micro_grid_goes_under_a_grid_only(to: str) -> None:
    with pytest.raises(WrongLevel):
        apply(squares(), Reassign((micro(0, 1),), to))


def test_reassigning_to_where_it_is_changes_nothing() -> None:
    with pytest.raises(ChangesNothing):
        apply(squares(), Reassign((micro(0, 1),), grid(0, 0)))


def test_merged_micro_grids_keep_the_first_code_and_drop_the_border_between() -> None:
    applied = apply(squares(), Merge((micro(1, 0), micro(0, 0))))
    assert (applied.changed, applied.ended) == ((micro(1, 0),), (micro(0, 0),))
    assert applied.coverage.shapes[micro(1, 0)].equals(square(0, 0, 2, 1))
    assert check_coverage(applied.coverage) == []


def test_four_around_a_corner_merge_into_one_without_a_hole() -> None:
    codes = tuple(micro(e, n) for e in (0, 1) for n in (0, 1))
    after = apply(squares(), Merge(codes)).coverage
    assert after.shapes[codes[0]].equals(square(0, 0, 2, 2)) and len(after.edges_around(codes[0])) == 5


def test_merged_grids_bring_their_micro_grids_along() -> None:
    applied = apply(squares(), Merge((grid(0, 0), grid(0, 1))))
    assert applied.ended == (grid(0, 1),) and len(applied.coverage.tree.children[grid(0, 0)]) == 8
    assert applied.coverage.outline(village(0)).wkb == squares().outline(village(0)).wkb


def test_corner_contact_is_no_connection_for_a_merge() -> None:
    with pytest.raises(NotConnected) as refused:
        apply(squares(), Merge((micro(0, 0), micro(1, 1))))
    assert refused.value.params["codes"] == [micro(1, 1)]


def test_two_corners_with_anothers_edge_between_make_no_neighbours() -> None:
    notched = apply(squares(), Merge((micro(1, 1), micro(0, 1)))).coverage
    assert micro(0, 0) not in squares().neighbours(micro(1, 1))
    assert micro(0, 2) in notched.neighbours(micro(1, 1))


def test_a_merge_over_a_town_line_is_refused() -> None:
    with pytest.raises(AcrossParents) as refused:
        apply(squares(), Merge((micro(1, 1), micro(2, 1))))
    assert refused.value.params["parents"] == [grid(0, 0), grid(1, 0)]
    with pytest.raises(AcrossParents):
        apply(squares(), Merge((village(0), village(1))))


@pytest.mark.parametrize(
    ("codes", "error"),
    [((micro(0, 0), grid(0, 0)), WrongLevel), ((micro(0, 0), "x"), UnknownCode), ((micro(0, 0),), ChangesNothing)],
    ids=["levels", "unknown", "alone"],
)
def test_what_cannot_be_merged_is_refused(codes: tuple[str, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        apply(squares(), Merge(codes))
