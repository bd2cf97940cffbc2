"""Tests of coverage: faults of a partition are named, measured and located."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from geo.coverage import DIGITISED_M2, Fault, Problem, check, simplify
from geo.plane import Plane
from tests.shared import shared_data

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


def test_borders_that_only_look_the_same_are_reported_without_a_tolerance_only() -> None:
    """A vertex on the neighbour's border, where the neighbour has none: no area is lost, but moving it would open a
    gap.
    """
    with_vertex = Polygon([(X, Y), (X + D, Y), (X + D, Y + D / 2), (X + D, Y + D), (X, Y + D)])
    assert {p.fault for p in check([with_vertex, EAST], CODES, SQUARE)} == {Fault.EDGE}
    assert check([with_vertex, EAST], CODES, SQUARE, tolerance_m2=DIGITISED_M2) == []


def test_slivers_pass_only_with_a_tolerance() -> None:
    hair = 1e-9
    nearly = box(X, Y, X + D - hair, Y + D)
    assert Fault.GAP in {p.fault for p in check([nearly, EAST], CODES, SQUARE)}
    assert check([nearly, EAST], CODES, SQUARE, tolerance_m2=DIGITISED_M2) == []


def test_simplified_neighbours_still_share_their_borders() -> None:
    wavy = [(X + D + (0.0001 if i % 2 else 0), Y + D * i / 20) for i in range(21)]
    west = Polygon([(X, Y), *wavy, (X, Y + D)])
    east = Polygon([*wavy, (X + 2 * D, Y + D), (X + 2 * D, Y)])
    plain = simplify([west, east], metres=60)
    assert shapely.get_num_coordinates(plain).sum() < 20
    assert shapely.coverage_is_valid(plain)


def test_generated_towns_that_share_a_border_have_no_overlap() -> None:
    """A line of 400 vertices, kept to seven decimals. Where one town has but a third of them, the two overlap."""
    line = shared_line(400)
    west = Polygon([(X, Y), *line, (X, Y + D)])
    east, coarse = (Polygon([(X + 2 * D, Y), *each, (X + 2 * D, Y + D)]) for each in (line, line[::3]))
    for town, overlaps in ((east, False), (coarse, True)):
        found = check([west, town], CODES, tolerance_m2=DIGITISED_M2)
        assert (Fault.OVERLAP in {p.fault for p in found}) is overlaps


def shared_line(vertices: int) -> list[tuple[float, float]]:
    """From south to north, about the middle."""
    steps = np.linspace(0, 1, vertices)
    east = X + D + 0.002 * np.sin(9 * steps) + 0.0002 * np.sin(131 * steps)
    return list(zip(np.round(east, 7).tolist(), np.round(Y + D * steps, 7).tolist(), strict=True))


def test_generated_neighbourhoods_drawn_one_by_one_pass_with_the_tolerance_only() -> None:
    """Digitised separately: their borders meet to a tenth of a millimetre."""
    rng = np.random.default_rng(11)
    points = shapely.MultiPoint(rng.uniform((X, Y), (X + 4 * D, Y + 4 * D), (41, 2)).tolist())
    cells = shapely.voronoi_polygons(points, extend_to=box(X, Y, X + 4 * D, Y + 4 * D)).geoms
    whole = box(X, Y, X + 4 * D, Y + 4 * D)
    polygons = [translate(shapely.intersection(cell, whole), *rng.normal(0, 1e-9, 2)) for cell in cells]
    codes = [str(i) for i in range(len(polygons))]
    found = check(polygons, codes, tolerance_m2=DIGITISED_M2)
    assert len(polygons) == 41
    assert not [p for p in found if p.fault in (Fault.INVALID, Fault.EDGE)]
    assert check(polygons, codes) != []


def test_real_towns_that_share_a_border_have_no_overlap() -> None:
    towns = gpd.read_file(shared_data("cn_towns_dali_sample.gpkg")).geometry.tolist()
    found = check(towns, ["a", "b"], tolerance_m2=DIGITISED_M2)
    assert [p for p in found if p.fault is Fault.OVERLAP] == []


def test_real_neighbourhoods_have_neither_invalid_polygons_nor_unmatched_edges() -> None:
    path = shared_data("city_boundaries.gpkg")
    polygons = gpd.read_file(path, layer="sf_analysis_neighborhoods").geometry.tolist()
    codes = [str(i) for i in range(len(polygons))]
    found = check(polygons, codes, tolerance_m2=DIGITISED_M2)
    assert len(polygons) == 41
    assert not [p for p in found if p.fault in (Fault.INVALID, Fault.EDGE)]
