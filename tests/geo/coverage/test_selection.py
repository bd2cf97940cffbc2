"""Tests of choosing micro-grids with a brush or by H3 cells."""

import h3
import pytest
from shapely.geometry import Polygon

from geo.coverage.editing.applying import apply
from geo.coverage.editing.creating import Create
from geo.coverage.refusals import BadPolygon, NothingThere
from geo.coverage.selection import choose_by_area, choose_by_cells
from tests.geo.coverage.made import at, micro, square, squares


def cells_over(area: Polygon, res: int = 9) -> list[int]:
    west, south, east, north = area.bounds
    places = [(south + (north - south) * j / 20, west + (east - west) * i / 20) for i in range(21) for j in range(21)]
    return sorted({h3.str_to_int(h3.latlng_to_cell(lat, lon, res)) for lat, lon in places})


def test_a_brushed_area_chooses_what_it_covers_more_than_half_of() -> None:
    chosen = choose_by_area(squares(), square(0, 0, 1.6, 1.2))
    assert chosen.codes == (micro(0, 0), micro(1, 0))
    assert chosen.grazed == (micro(0, 1), micro(1, 1))


def test_a_brush_that_only_grazes_is_refused() -> None:
    with pytest.raises(NothingThere):
        choose_by_area(squares(), square(0.4, 0.4, 0.2, 0.2))


def test_cells_choose_what_lies_in_them() -> None:
    assert micro(1, 1) in choose_by_cells(squares(), cells_over(square(1, 1))).codes


def test_a_lane_narrower_than_a_cell_is_chosen_by_the_cells_over_it() -> None:
    high = 3 / 222
    lane = (at(1, 0), at(2, 0), at(2, high), at(1, high), at(1, 0))
    created = apply(squares(), Create(micro(1, 0), lane, "lane")).coverage
    assert "new_1" in choose_by_cells(created, cells_over(square(1, 0, 1, 0.1))).codes


@pytest.mark.parametrize("cells", [[], [17]])
def test_cells_that_are_none_are_refused(cells: list[int]) -> None:
    with pytest.raises(BadPolygon):
        choose_by_cells(squares(), cells)
