"""Enclaves that are drawn over another polygon."""

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.repair.enclaves import Enclave, cut_enclaves, find_enclaves

FIELD, BESIDE = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
MARKET, STALL = shapely.box(4, 4, 6, 6), shapely.box(5, 5, 5.5, 5.5)


@pytest.mark.parametrize(
    ("polygons", "found"),
    [
        ([FIELD, BESIDE, MARKET], [Enclave(inner=2, outer=0)]),
        ([STALL, MARKET, FIELD], [Enclave(inner=0, outer=1), Enclave(inner=0, outer=2), Enclave(inner=1, outer=2)]),
        ([FIELD.difference(MARKET), MARKET], []),
        ([FIELD, shapely.box(9.9, 0, 20, 10)], []),
        ([FIELD, shapely.box(0.01, 0, 10, 10)], []),
        ([FIELD, shapely.box(8, 8, 10.01, 10)], [Enclave(inner=1, outer=0)]),
    ],
    ids=["one", "one in another", "a hole is there", "an overlap", "drawn twice", "at the border"],
)
def test_an_enclave_is_a_smaller_polygon_within_another(polygons: list[BaseGeometry], found: list[Enclave]) -> None:
    assert find_enclaves(polygons) == found


def test_enclaves_are_cut_out_of_all_polygons_around_them() -> None:
    polygons = [STALL, MARKET, FIELD, BESIDE]
    cut = cut_enclaves(polygons, find_enclaves(polygons))
    assert [part.area for part in cut] == [0.25, 3.75, 96, 100]
    assert cut[0] is STALL and cut[3] is BESIDE
