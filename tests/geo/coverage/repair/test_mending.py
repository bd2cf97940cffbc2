"""Tests of mending: width decides, faults are measured and located, and no border moves further than the limit."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from geo.coverage.partition import Fault
from geo.coverage.repair.border_faults import overhangs
from geo.coverage.repair.mending import TOLERANCE_M, Mended, mend, union_of_faces
from geo.plane import Plane
from tests.shared import shared_data

PLANE = Plane(120.6, 31.0)
CODES = ["west", "east"]


def metres(*bounds: float) -> Polygon:
    """A rectangle in degrees, of bounds in metres."""
    return shapely.transform(box(*bounds), PLANE.to_degrees)


def squares(apart: float) -> list[Polygon]:
    """Two squares of one kilometre, `apart` metres from each other; overlapping if that is negative."""
    return [metres(0, 0, 1000, 1000), metres(1000 + apart, 0, 2000, 1000)]


def is_partition(mended: Mended) -> bool:
    """Return whether the polygons are valid, match to the last bit and enclose nothing."""
    union = shapely.coverage_union_all(mended.polygons)
    holes = any(part.interiors for part in shapely.get_parts(union))
    return bool(shapely.is_valid(mended.polygons).all() and shapely.coverage_is_valid(mended.polygons)) and not holes


@pytest.mark.parametrize("apart", [-0.001, -0.0012, -0.01, 0.001, 0.01])
def test_borders_closer_than_the_tolerance_are_snapped_whatever_their_length(apart: float) -> None:
    mended = mend(squares(apart), CODES)
    assert (mended.faults, mended.snapped) == ([], 1)
    assert mended.moved_m == pytest.approx(abs(apart), rel=0.01)
    assert is_partition(mended) and shapely.union_all(mended.polygons).geom_type == "Polygon"


@pytest.mark.parametrize(
    ("apart", "fault"), [(-0.03, Fault.OVERLAP), (-0.3, Fault.OVERLAP), (0.03, Fault.GAP), (0.3, Fault.GAP)]
)
def test_a_wider_fault_has_its_width_length_and_place_and_is_mended_on_request(apart: float, fault: Fault) -> None:
    """Gaps here are open at both ends: nothing encloses them."""
    (found,) = mend(squares(apart), CODES).faults
    assert (found.fault, {found.code, found.other}, found.pieces) == (fault, set(CODES), 1)
    assert found.width_m == pytest.approx(abs(apart), rel=0.03) and not found.mended
    assert found.length_m == pytest.approx(1000, rel=0.01)
    assert PLANE.to_metres(found.place)[0] == pytest.approx(1000, abs=0.5)
    mended = mend(squares(apart), CODES, limit_m=abs(apart) * 1.05)
    assert [f.mended for f in mended.faults] == [True] and mended.too_far == ()
    assert mended.moved_m <= abs(apart) * 1.05
    assert is_partition(mended) and shapely.union_all(mended.polygons).geom_type == "Polygon"


def test_polygons_without_a_fault_stay_the_same_objects() -> None:
    given = squares(0)
    assert all(one is other for one, other in zip(mend(given, CODES).polygons, given, strict=True))
    wide = squares(5)
    assert all(one is other for one, other in zip(mend(wide, CODES).polygons, wide, strict=True))


def test_a_parent_that_children_miss_by_thin_strips_is_filled_exactly() -> None:
    """Strips of 0.9 mm along 11.5 km, on both sides."""
    parent = metres(0, 0, 11_500, 2000)
    mended = mend([metres(0, 0, 5000, 2000.0009), metres(5000, -0.0009, 11_500, 1999.9991)], CODES, parent)
    assert mended.faults == []
    assert shapely.union_all(mended.polygons).equals(parent)


def test_a_polygon_that_reaches_far_beyond_its_parent_is_reported() -> None:
    (found,) = mend([metres(0, 0, 1030, 500)], ["long"], metres(0, 0, 1000, 500)).faults
    assert (found.fault, found.code, found.other, found.mended) == (Fault.OUTSIDE, "long", None, False)
    assert (found.width_m, found.area_m2) == (pytest.approx(30, rel=0.03), pytest.approx(15_000, rel=0.01))


def test_the_widest_fault_comes_first_even_if_it_is_short() -> None:
    """A square kilometre among slivers: its width is a kilometre."""
    given = [*squares(-0.05), metres(0, 0, 1000, 1000)]
    mended = mend(given, [*CODES, "twin"], limit_m=0.1)
    assert {mended.faults[0].code, mended.faults[0].other} == {"west", "twin"}
    assert mended.faults[0].width_m == pytest.approx(1000, rel=0.03) and not mended.faults[0].mended


def test_an_enclosed_lake_is_a_gap_and_stays() -> None:
    lake = metres(400, 400, 600, 600)
    ring = metres(0, 0, 1000, 1000).difference(lake)
    mended = mend([ring], ["ring"], limit_m=0.5)
    assert [(f.fault, f.mended) for f in mended.faults] == [(Fault.GAP, False)]
    assert shapely.union_all(mended.polygons).equals(ring)


def test_a_grid_narrower_than_the_limit_keeps_its_place() -> None:
    lane = metres(1000, 0, 1004, 1000)
    mended = mend([metres(0, 0, 1000, 1000), lane, metres(1004, 0, 2000, 1000)], ["west", "lane", "east"], limit_m=10)
    assert mended.polygons[1].equals(lane)


def test_a_gap_around_a_corner_takes_no_border_further_than_the_limit() -> None:
    """A T of slits, each 100 m long and 40 mm wide: whole, it would make one of three grids reach into it by 100 m."""
    given = [metres(0, 0, 200, 100), metres(0, 100.04, 99.98, 200), metres(100.02, 100.04, 200, 200)]
    mended = mend(given, ["south", "west", "east"], metres(0, 0, 200, 200), limit_m=0.06)
    assert mended.moved_m <= 0.06 and mended.too_far == ()
    whole = shapely.union_all(mended.polygons)
    assert is_partition(mended) and PLANE.area_m2(whole.symmetric_difference(metres(0, 0, 200, 200))) < 1e-6


def test_a_notch_between_two_outer_corners_is_no_slit() -> None:
    west = Polygon([(0, 0), (1000, 0), (990, 1000), (0, 1000)])
    east = Polygon([(1000, 0), (2000, 0), (2000, 1000), (1010, 1000)])
    assert mend([shapely.transform(p, PLANE.to_degrees) for p in (west, east)], CODES).snapped == 0


def test_a_line_with_a_third_of_the_vertices_overlaps_by_its_sagitta() -> None:
    steps = np.linspace(0, 1, 400)
    line = np.column_stack([1000 + 200 * np.sin(9 * steps) + 20 * np.sin(131 * steps), 1000 * steps])
    west = Polygon([(0, 0), *line, (0, 1000)])
    for every, wide in ((1, False), (3, True)):
        east = Polygon([(2000, 0), *line[::every], line[-1], (2000, 1000)])
        given = [shapely.transform(p, PLANE.to_degrees) for p in (west, east)]
        assert bool(mend(given, CODES).faults) is wide
        assert is_partition(mend(given, CODES, limit_m=3))


def test_children_beyond_a_redrawn_outline_are_measured() -> None:
    found = overhangs([metres(0, 0, 100, 100.5), metres(0, 0, 100, 100.001)], ["out", "in"], metres(0, 0, 100, 100),
                      tolerance=TOLERANCE_M)  # fmt: skip
    assert [(f.code, round(f.width_m, 1), round(f.length_m)) for f in found] == [("out", 0.5, 100)]


def read(name: str, layer: str | None = None) -> list[BaseGeometry]:
    frame = gpd.read_file(shared_data(name), layer=layer) if layer else gpd.read_file(shared_data(name))
    return list(frame.geometry)


@pytest.mark.parametrize(
    ("name", "layer"), [("cn_towns_dali_sample.gpkg", None), ("city_boundaries.gpkg", "sf_analysis_neighborhoods")]
)
def test_real_boundaries_are_mended_within_the_tolerance_or_measured(name: str, layer: str | None) -> None:
    polygons = read(name, layer)
    codes = [str(i) for i in range(len(polygons))]
    found = mend(polygons, codes)
    assert found.moved_m <= TOLERANCE_M
    assert not [f for f in found.faults if f.fault is Fault.OVERLAP]


def test_faces_whose_vertices_differ_by_rounding_are_united() -> None:
    """So were pieces of faces that had been cut again, along a straight outline of fifty kilometres."""
    left = Polygon([(0, 0), (10, 0), (10, 4), (10 + 2e-8, 5), (10, 10), (0, 10)])
    right = Polygon([(10, 0), (20, 0), (20, 10), (10, 10), (10, 5), (10, 4)])
    united = union_of_faces(np.array([left, right, Polygon([(5, -1), (15, -1), (15, 1), (5, 1)])], dtype=object))
    assert united.geom_type == "Polygon" and united.area == pytest.approx(210)
