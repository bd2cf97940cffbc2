"""Tests of cells: H3's own, with longitude first and as integers that fit a bigint."""

import h3
import numpy as np
import pytest
import shapely

from geo.cells import (
    adjacency,
    area_m2,
    cell_of,
    cells_around,
    cells_covering,
    cells_of,
    cells_touching,
    centre,
    disk,
    from_hex,
    is_cell,
    resolution,
    ring,
    to_hex,
)

LON, LAT = 120.64, 31.16
COUNTY = shapely.box(120.5, 31.0, 120.6, 31.08)


def test_a_cell_equals_h3s_and_fits_a_bigint() -> None:
    cell = cell_of(LON, LAT)
    assert to_hex(cell) == h3.latlng_to_cell(LAT, LON, 10)
    assert from_hex(to_hex(cell)) == cell
    assert 0 < cell < 2**63
    assert resolution(cell) == 10


def test_arrays_of_points_give_the_same_results_as_single_points() -> None:
    lon, lat = np.random.default_rng(1).uniform((120.4, 30.8), (120.8, 31.2), (50, 2)).T
    assert cells_of(lon, lat, 9).tolist() == [cell_of(x, y, 9) for x, y in zip(lon, lat, strict=True)]
    assert cells_of([], []).shape == (0,)


def test_cells_around_centres_are_those_of_the_centres() -> None:
    cells = cells_covering(COUNTY, 10)[:200].repeat(2)
    assert cells_around(cells, 8).tolist() == [cell_of(*centre(cell), 8) for cell in cells.tolist()]


@pytest.mark.parametrize("text", ["", "zz", "8a", "-1", "ffffffffffffffff", "8a30e2d2a4cffff0"])
def test_text_that_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an H3 cell"):
        from_hex(text)


def test_invalid_cell_numbers_are_recognised() -> None:
    assert is_cell(cell_of(LON, LAT))
    assert not any(is_cell(n) for n in (0, -5, 1, 2**63, 2**70))


def test_the_centre_lies_inside_the_ring_of_its_own_cell() -> None:
    cell = cell_of(LON, LAT)
    outline = ring(cell)
    assert outline[0] == outline[-1] and len(outline) == 7
    assert shapely.Polygon(outline).contains(shapely.Point(*centre(cell)))
    assert cell_of(*centre(cell)) == cell


def test_a_cell_of_resolution_10_is_about_one_and_a_half_hectares() -> None:
    assert 10_000 < area_m2(cell_of(LON, LAT)) < 20_000


def test_cells_of_two_halves_add_up_to_the_cells_of_the_whole() -> None:
    west, east = (cells_covering(shapely.box(x, 31.0, x + 0.05, 31.08), 9) for x in (120.5, 120.55))
    assert sorted([*west.tolist(), *east.tolist()]) == cells_covering(COUNTY, 9).tolist()
    both = shapely.MultiPolygon([shapely.box(120.5, 31.0, 120.55, 31.08), shapely.box(120.6, 31.0, 120.65, 31.08)])
    assert set(west.tolist()) < set(cells_covering(both, 9).tolist())


def test_every_point_of_a_polygon_lies_in_a_cell_that_touches_it() -> None:
    touching = cells_touching(COUNTY, 9)
    lon, lat = np.random.default_rng(2).uniform((120.5, 31.0), (120.6, 31.08), (2000, 2)).T
    corners = cells_of([120.5, 120.6, 120.5, 120.6], [31.0, 31.0, 31.08, 31.08], 9)
    assert set(cells_of(lon, lat, 9).tolist()) | set(corners.tolist()) <= set(touching.tolist())
    assert set(cells_covering(COUNTY, 9).tolist()) < set(touching.tolist())
    assert all(shapely.Polygon(ring(cell)).intersects(COUNTY) for cell in touching.tolist())


def test_adjacency_is_the_ring_of_one_within_the_set() -> None:
    cells = cells_covering(COUNTY, 8).tolist()
    matrix = adjacency(cells).toarray()
    inside = set(cells)
    for i, cell in enumerate(cells):
        assert {cells[j] for j in np.flatnonzero(matrix[i])} == inside & set(disk(cell))
    assert (matrix == matrix.T).all() and (matrix.diagonal() == 1).all()


def test_adjacency_of_nothing_is_empty() -> None:
    assert adjacency([]).shape == (0, 0)
