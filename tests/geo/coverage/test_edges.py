"""Tests of edges and loops: the same lines give the same edges, and shapes come back to the last bit."""

import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon

from geo.coverage.edges import DoubledBorder, Edge, edges_of
from geo.coverage.loops import BrokenBorder, shape_of
from tests.geo.coverage.made import drawn_county, real, square, squares


def around(edges: list[Edge], code: str) -> list[tuple[tuple[float, float], ...]]:
    return [edge.directed(code) for edge in edges if code in edge.sides]


def test_a_border_of_two_is_one_edge_with_both_on_its_sides() -> None:
    edges = edges_of(["a", "b"], [square(0, 0), square(1, 0)])
    assert sorted({edge.left, edge.right} - {None} for edge in edges) and len(edges) == 3
    (shared,) = [edge for edge in edges if not edge.is_outer]
    assert set(shared.sides) == {"a", "b"} and len(shared.line) == 2


def test_where_rings_begin_and_which_way_they_run_makes_no_difference() -> None:
    plain = edges_of(["a", "b"], [square(0, 0), square(1, 0)])
    ring = square(1, 0).exterior.coords[:-1]
    turned = Polygon([*ring[2:], *ring[:2]][::-1])
    assert edges_of(["a", "b"], [square(0, 0), turned]) == plain


def test_an_island_is_a_loop_that_begins_at_its_smallest_vertex() -> None:
    island = square(0.4, 0.4, 0.2, 0.2)
    edges = edges_of(["sea", "island"], [square(0, 0).difference(island), island])
    (loop,) = [edge for edge in edges if "island" in edge.sides]
    assert loop.is_loop and loop.line[0] == min(loop.line)
    assert shape_of(around(edges, "sea")).equals(square(0, 0).difference(island))


def test_several_polygons_of_one_code_have_no_edge_between_them() -> None:
    edges = edges_of(["a", "a", "b"], [square(0, 0), square(1, 0), square(0, 1, 2, 1)])
    assert shape_of(around(edges, "a")).equals(square(0, 0, 2, 1))


def test_a_polygon_that_stands_twice_is_refused() -> None:
    with pytest.raises(DoubledBorder):
        edges_of(["a", "b"], [square(0, 0), square(0, 0)])


def test_parts_that_touch_at_a_corner_are_two_polygons() -> None:
    edges = edges_of(["a", "a", "b", "b"], [square(0, 0), square(1, 1), square(1, 0), square(0, 1)])
    shape = shape_of(around(edges, "a"))
    assert isinstance(shape, MultiPolygon) and shape.is_valid and len(shape.geoms) == 2


def test_a_hole_that_touches_the_border_at_a_corner_stays_a_hole() -> None:
    hole = Polygon([(120.6, 31.001), (120.601, 31.0005), (120.601, 31.0015)])
    sea = square(0, 0).difference(hole)
    edges = edges_of(["sea", "hole"], [sea, hole])
    assert shape_of(around(edges, "sea")).is_valid and shape_of(around(edges, "sea")).equals(sea)


@pytest.mark.parametrize("lines", [[], [((0.0, 0.0), (1.0, 1.0))], [((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.0, 0.0))]])
def test_lines_that_are_no_border_are_refused(lines: list[tuple[tuple[float, float], ...]]) -> None:
    with pytest.raises(BrokenBorder):
        shape_of(lines)


@pytest.mark.parametrize("place", ["made", "chicago", "dali"])
def test_shapes_from_edges_are_those_given_and_always_begin_alike(place: str) -> None:
    coverage = drawn_county() if place == "made" else real(place)
    edges = edges_of(coverage.finest, [*coverage.polygons])
    assert {edge.key: edge for edge in edges} == coverage.edges
    for code in coverage.finest:
        shape = coverage.shapes[code]
        assert shape.is_valid
        for part in shapely.get_parts(shape):
            assert part.exterior.is_ccw and part.exterior.coords[0] == min(part.exterior.coords)


def test_an_edge_knows_what_is_beyond_it() -> None:
    edge = next(edge for edge in squares().edges.values() if not edge.is_outer)
    assert edge.left is not None and edge.beyond(edge.left) == edge.right
    assert edge.directed(edge.left) == edge.line and edge.directed(str(edge.right)) == edge.line[::-1]
