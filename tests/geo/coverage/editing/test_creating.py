"""Tests of a grid of its own kind, cut out of what lies there."""

import pytest
from shapely.geometry import shape

from geo.coverage.checking import check_coverage
from geo.coverage.edges import Line
from geo.coverage.editing.applying import apply
from geo.coverage.editing.creating import Create
from geo.coverage.refusals import BadPolygon, Emptied, NotConnected, Outside, Sliver
from tests.geo.coverage.made import at, grid, land_is_whole, micro, square, squares, town, village


def ring(west: float, south: float, east: float, north: float) -> Line:
    return (at(west, south), at(east, south), at(east, north), at(west, north), at(west, south))


def test_a_market_in_a_village_is_a_grid_with_one_micro_grid() -> None:
    applied = apply(squares(), Create(village(0), ring(0.6, 0.6, 1.4, 1.4), "market", name="东市场"))
    after = applied.coverage
    grid_, micro_ = after.divisions["new_1"], after.divisions["new_2"]
    assert (grid_.level, grid_.parent, grid_.kind, grid_.name) == ("grid", village(0), "market", "东市场")
    assert (micro_.level, micro_.parent) == ("micro_grid", "new_1")
    assert set(applied.changed) == {"new_1", "new_2", grid(0, 0), *(micro(e, n) for e in (0, 1) for n in (0, 1))}
    assert after.shapes["new_2"].symmetric_difference(square(0.6, 0.6, 0.8, 0.8)).area < 1e-14
    assert check_coverage(after) == [] and land_is_whole(after)


def test_a_park_within_a_micro_grid_is_a_hole_in_it() -> None:
    after = apply(squares(), Create(micro(1, 1), ring(1.3, 1.3, 1.6, 1.6), "park")).coverage
    assert len(after.shapes[micro(1, 1)].interiors) == 1 and after.divisions["new_1"].parent == grid(0, 0)
    assert after.neighbours("new_1") == {micro(1, 1)} and check_coverage(after) == []


def test_a_lane_narrower_than_any_cell_is_no_sliver() -> None:
    lane = 2 / 222
    after = apply(squares(), Create(micro(1, 1), ring(1, 1, 2, 1 + lane), "market")).coverage
    assert after.shapes["new_1"].equals_exact(square(1, 1, 1, lane), 1e-9, normalize=True)


def test_corners_within_reach_of_a_vertex_are_that_vertex() -> None:
    off = 0.04 / 222
    after = apply(squares(), Create(micro(1, 1), ring(1 + off, 1 - off, 1.5, 1.5), "school")).coverage
    assert at(1, 1) in after.shapes["new_1"].exterior.coords[:]


def test_an_area_beyond_the_division_is_refused_and_the_overhang_drawn() -> None:
    with pytest.raises(Outside) as refused:
        apply(squares(), Create(village(0), ring(1.5, 1.2, 2.5, 1.6), "market"))
    over = shape(refused.value.params["where"])
    assert over.symmetric_difference(square(2, 1.2, 0.5, 0.4)).area < 1e-14


def test_an_area_over_a_whole_micro_grid_is_refused() -> None:
    with pytest.raises(Emptied) as refused:
        apply(squares(), Create(town(0), ring(0, 0, 1, 1.5), "market"))
    assert refused.value.params["codes"] == [micro(0, 0)]


def test_an_area_that_cuts_a_micro_grid_in_two_is_refused() -> None:
    with pytest.raises(NotConnected) as refused:
        apply(squares(), Create(village(0), ring(1.2, 1, 1.8, 2), "market"))
    assert refused.value.params["codes"] == [micro(1, 1)]


def test_a_bow_tie_is_refused_where_it_crosses() -> None:
    bow = (at(1.2, 1.2), at(1.8, 1.8), at(1.8, 1.2), at(1.2, 1.8), at(1.2, 1.2))
    with pytest.raises(BadPolygon) as refused:
        apply(squares(), Create(micro(1, 1), bow, "market"))
    assert shape(refused.value.params["where"]).centroid.coords[0] == pytest.approx(at(1.5, 1.5), abs=1e-9)


def test_a_sliver_is_refused() -> None:
    thin = 0.3 / 222
    with pytest.raises(Sliver):
        apply(squares(), Create(micro(1, 1), ring(1.2, 1.5, 1.8, 1.5 + thin), "market"))
