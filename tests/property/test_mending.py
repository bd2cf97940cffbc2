"""Two digitisers of the same borders: after mending, any borders are a partition, and moved no further than said."""

from functools import cache

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from geo.coverage.repair.mending import mend
from geo.plane import Plane

PLANE = Plane(120.6, 31.0)
SIDE, COUNT = 2000.0, 40


@cache
def cells(seed: int) -> list[Polygon]:
    """Voronoi cells of a square, in metres."""
    whole = box(0, 0, SIDE, SIDE)
    points = shapely.MultiPoint(np.random.default_rng(seed).uniform(0, SIDE, (COUNT, 2)).tolist())
    return [cell.intersection(whole) for cell in shapely.voronoi_polygons(points, extend_to=whole).geoms]


def redrawn(cell: Polygon, *, by: float, dense: float | None, digits: int | None, seed: int) -> Polygon:
    """Draw a cell anew: each vertex up to `by` metres off, more of them, and rounded to some decimals of a degree."""
    ring = shapely.segmentize(cell, dense).exterior if dense else cell.exterior
    vertices = shapely.get_coordinates(ring)[:-1]
    vertices = vertices + np.random.default_rng(seed).uniform(-by, by, vertices.shape)
    degrees = PLANE.to_degrees(vertices)
    return shapely.make_valid(Polygon(degrees if digits is None else np.round(degrees, digits)))


@settings(deadline=None, max_examples=8)
@given(
    seed=st.integers(0, 3),
    by=st.sampled_from([0.02, 0.05]),
    dense=st.sampled_from([None, 40.0]),
    digits=st.sampled_from([None, 6, 7]),
    within=st.booleans(),
)
def test_cells_that_were_drawn_twice_become_a_partition(
    seed: int, by: float, dense: float | None, digits: int | None, within: bool
) -> None:
    drawn = [redrawn(c, by=by, dense=dense, digits=digits, seed=i) for i, c in enumerate(cells(seed))]
    limit = 4 * by + (0.3 if digits == 6 else 0.04)
    parent = shapely.transform(box(0, 0, SIDE, SIDE), PLANE.to_degrees) if within else None
    mended = mend(drawn, [str(i) for i in range(len(drawn))], parent, limit_m=limit)
    assert mended.too_far == () and mended.moved_m <= limit * 1.01
    assert all(fault.mended for fault in mended.faults)
    assert shapely.is_valid(mended.polygons).all() and shapely.coverage_is_valid(mended.polygons)
    union = shapely.coverage_union_all(mended.polygons)
    assert not any(part.interiors for part in shapely.get_parts(union))
    assert np.isclose(sum(p.area for p in mended.polygons), union.area, rtol=1e-12)
    if parent is not None:
        assert PLANE.area_m2(parent.symmetric_difference(union)) < 1e-3
