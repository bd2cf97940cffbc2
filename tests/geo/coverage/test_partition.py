"""Tests of coverage: faults of a partition are named, measured and located."""

import pytest
import shapely
from shapely.geometry import Polygon, box

from geo.coverage.partition import Fault, Problem, check, simplify
from geo.plane import Plane

X, Y, D = 120.6, 31.0, 0.01
SQUARE = box(X, Y, X + 2 * D, Y + D)
WEST, EAST = box(X, Y, X + D, Y + D), box(X + D, Y, X + 2 * D, Y + D)
CODES = ["west", "east"]
PLANE = Plane.at(SQUARE)


def faults(problems: list[Problem]) -> list[tuple[Fault, str, str | None]]:
    return [(p.fault, p.code, p.other) for p in problems]


def test_two_halves_are_a_partition_of_the_whole() -> None:
    assert check([WEST, EAST], CODES, SQUARE) == []
    assert check([WEST, EAST], CODES) == []
    assert check([], []) == []


def test_an_overlap_reports_both_polygons_and_its_area() -> None:
    wide = box(X, Y, X + 1.1 * D, Y + D)
    (problem,) = check([wide, EAST], CODES, SQUARE)
    assert faults([problem]) == [(Fault.OVERLAP, "west", "east")]
    assert problem.area_m2 == pytest.approx(PLANE.area_m2(WEST) * 0.1)


def test_a_gap_reports_a_neighbour_and_its_area() -> None:
    narrow = box(X, Y, X + 0.9 * D, Y + D)
    (problem,) = check([narrow, EAST], CODES, SQUARE)
    assert problem.fault is Fault.GAP
    assert problem.area_m2 == pytest.approx(PLANE.area_m2(WEST) * 0.1)
    assert problem.where.centroid.x == pytest.approx(X + 0.95 * D)


def test_parts_outside_the_parent_are_reported() -> None:
    long = box(X + D, Y, X + 2.1 * D, Y + D)
    (problem,) = check([WEST, long], CODES, SQUARE)
    assert faults([problem]) == [(Fault.OUTSIDE, "east", None)]
    assert problem.area_m2 == pytest.approx(PLANE.area_m2(WEST) * 0.1)


def test_a_bow_tie_is_invalid_and_leaves_a_gap() -> None:
    tie = Polygon([(X + D, Y), (X + 2 * D, Y + D), (X + 2 * D, Y), (X + D, Y + D)])
    found = check([WEST, tie], CODES, SQUARE)
    assert [p.fault for p in found] == [Fault.INVALID, Fault.GAP]
    assert found[0].code == "east"


def test_a_hole_is_a_gap_even_without_a_parent() -> None:
    ring = SQUARE.difference(box(X + 0.4 * D, Y + 0.4 * D, X + 0.6 * D, Y + 0.6 * D))
    (problem,) = check([ring], ["ring"])
    assert faults([problem]) == [(Fault.GAP, "ring", None)]


def test_borders_that_only_look_the_same_are_reported() -> None:
    """A vertex on the neighbour's border, where the neighbour has none: no area is lost, but moving it would open a
    gap.
    """
    with_vertex = Polygon([(X, Y), (X + D, Y), (X + D, Y + D / 2), (X + D, Y + D), (X, Y + D)])
    assert {p.fault for p in check([with_vertex, EAST], CODES, SQUARE)} == {Fault.EDGE}


def test_a_sliver_of_a_tenth_of_a_millimetre_is_a_gap() -> None:
    nearly = box(X, Y, X + D - 1e-9, Y + D)
    assert Fault.GAP in {p.fault for p in check([nearly, EAST], CODES, SQUARE)}


def test_simplified_neighbours_still_share_their_borders() -> None:
    wavy = [(X + D + (0.0001 if i % 2 else 0), Y + D * i / 20) for i in range(21)]
    west = Polygon([(X, Y), *wavy, (X, Y + D)])
    east = Polygon([*wavy, (X + 2 * D, Y + D), (X + 2 * D, Y)])
    plain = simplify([west, east], metres=60)
    assert shapely.get_num_coordinates(plain).sum() < 20
    assert shapely.coverage_is_valid(plain)
