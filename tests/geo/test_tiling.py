"""Cells follow their density and know their neighbours."""

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon, box

from geo.plane import Plane
from geo.tiling import Floats, borders, scatter, tile, union

OUTLINE = box(120.6, 31.0, 120.7, 31.08)
PLANE = Plane.at(OUTLINE)


def west_is_crowded(points: Floats) -> Floats:
    return np.where(points[:, 0] < 0, 4.0, 1.0)


def test_points_have_the_requested_number_and_density_and_lie_inside() -> None:
    rng = np.random.default_rng(1)
    points = scatter(OUTLINE, PLANE, count=500, density=west_is_crowded, rng=rng)
    assert points.shape == (500, 2)
    assert shapely.contains_xy(PLANE.flatten(OUTLINE), *points.T).all()
    assert (points[:, 0] < 0).mean() == pytest.approx(0.8, abs=0.04)


def test_no_cell_is_cut_into_pieces_by_a_notch() -> None:
    teeth = shapely.union_all([box(x, 31.01, x + 0.004, 31.09) for x in np.arange(120.605, 120.7, 0.01)])
    comb = OUTLINE.difference(teeth)
    assert isinstance(comb, Polygon)
    rng = np.random.default_rng(2)
    points = scatter(comb, Plane.at(comb), count=30, density=lambda p: np.ones(len(p)), rng=rng)
    cells = tile(comb, points, Plane.at(comb), rng=rng)
    assert len(cells) == 30
    assert shapely.coverage_is_valid(cells)
    assert union(cells).symmetric_difference(comb).area < comb.length * 2e-7


def test_each_cell_lies_around_its_own_point() -> None:
    rng = np.random.default_rng(3)
    points = scatter(OUTLINE, PLANE, count=80, density=west_is_crowded, rng=rng)
    cells = tile(OUTLINE, points, PLANE, rng=rng)
    lon, lat = PLANE.to_degrees(points).T
    assert shapely.contains_xy(cells, lon, lat).all()


def test_borders_list_adjacent_cells_and_shared_length() -> None:
    west, east, north = box(0, 0, 0.01, 0.01), box(0.01, 0, 0.02, 0.01), box(0, 0.01, 0.01, 0.02)
    found = borders([west, east, north])
    assert found.pairs.tolist() == [[0, 1], [0, 2]]
    assert found.metres == pytest.approx([1105.7, 1113.2], abs=0.2)


def test_cells_that_meet_only_in_a_point_cannot_be_joined() -> None:
    with pytest.raises(ValueError, match="not connected"):
        union([box(0, 0, 1, 1), box(1, 1, 2, 2)])
