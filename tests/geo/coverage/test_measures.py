"""Tests of measures: width, compactness, and what is the same land."""

from math import pi

import pytest
import shapely
from shapely.geometry import Polygon

from geo.coverage.measures import SLIVER_M, compactness, same_land, slivers, width_m
from geo.plane import Plane
from tests.geo.coverage.made import at, square

PLANE = Plane.at(square(0, 0))


def strip(wide_m: float, long_m: float) -> Polygon:
    return square(0, 0, long_m / 191, wide_m / 222)


@pytest.mark.parametrize(("wide", "long"), [(0.03, 30), (0.03, 15_000), (0.45, 1)])
def test_slivers_are_told_by_width(wide: float, long: float) -> None:
    assert slivers([strip(wide, long)], PLANE).all()
    assert width_m(strip(wide, long), PLANE) == pytest.approx(min(wide, long), rel=0.03)


@pytest.mark.parametrize(("wide", "long"), [(0.95, 0.95), (2, 400), (SLIVER_M * 1.05, 40)])
def test_kiosks_and_lanes_are_no_slivers(wide: float, long: float) -> None:
    assert not slivers([strip(wide, long)], PLANE).any()


def test_a_circle_is_as_compact_as_can_be_and_a_square_less() -> None:
    circle = shapely.transform(shapely.Point(0, 0).buffer(500, quad_segs=64), PLANE.to_degrees)
    assert compactness(circle, PLANE) == pytest.approx(1, abs=1e-3)
    flat = shapely.transform(shapely.box(0, 0, 100, 100), PLANE.to_degrees)
    assert compactness(flat, PLANE) == pytest.approx(pi / 4)
    assert compactness(Polygon(), PLANE) == 0


def test_more_vertices_on_the_same_lines_are_the_same_land() -> None:
    dense = shapely.segmentize(square(0, 0), 1e-4)
    assert same_land(square(0, 0), dense) and same_land(dense, square(0, 0).reverse())
    assert not same_land(square(0, 0), square(0, 0, 1, 1 + 1e-5))


def test_the_same_vertices_may_be_other_land() -> None:
    places = [at(0, 0), at(2, 0), at(1, 1), at(2, 2), at(0, 2)]
    other = [at(0, 0), at(2, 0), at(2, 2), at(1, 1), at(0, 2)]
    assert not same_land(Polygon(places), Polygon(other))
    ring = square(0, 0, 4, 4).difference(square(1, 1))
    assert not same_land(ring, square(0, 0, 4, 4).difference(Polygon([at(1, 1), at(2, 1), at(2, 2)])))
