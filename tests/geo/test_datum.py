"""Tests of datums against known points, real boundaries and each other."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.datum import Datum, NotACoordinate, from_wgs84, geometry_to_wgs84, point_to_wgs84, to_wgs84
from tests.shared import shared_data

COUNTIES = "cn_counties_5places.gpkg"
HESHUI = 621024
METRES_PER_DEGREE = 111_320.0


def metres_apart(lon: NDArray[np.float64], lat: NDArray[np.float64], x: object, y: object) -> NDArray[np.float64]:
    east = (lon - np.asarray(x)) * METRES_PER_DEGREE * np.cos(np.radians(lat))
    return np.asarray(np.hypot(east, (lat - np.asarray(y)) * METRES_PER_DEGREE))


def lattice_of_wujiang() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    lon, lat = np.meshgrid(np.linspace(120.35, 120.9, 60), np.linspace(30.76, 31.24, 60))
    return lon.ravel(), lat.ravel()


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_round_trip_over_a_county_stays_within_a_millimetre(datum: Datum) -> None:
    lon, lat = lattice_of_wujiang()
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert metres_apart(lon, lat, *back).max() < 0.001


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_the_shift_is_hundreds_of_metres(datum: Datum) -> None:
    lon, lat = lattice_of_wujiang()
    apart = metres_apart(lon, lat, *from_wgs84(lon, lat, datum))
    assert 100 < apart.min() and apart.max() < 1500


# Pairs that other implementations (eviltransform and its ports) publish as theirs.
@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_gcj02_matches_published_points(wgs84: tuple[float, float], gcj02: tuple[float, float]) -> None:
    lon, lat = from_wgs84(*wgs84, Datum.GCJ02)
    assert (float(lon), float(lat)) == pytest.approx(gcj02, abs=1e-9)
    assert point_to_wgs84(*gcj02, Datum.GCJ02) == pytest.approx(wgs84, abs=1e-9)


def test_bd09_matches_a_published_point() -> None:
    """The pair that coordtransform and its ports give for Beijing."""
    by_baidu = point_to_wgs84(116.41036949371029, 39.92133699351021, Datum.BD09)
    assert by_baidu == pytest.approx(point_to_wgs84(116.404, 39.915, Datum.GCJ02), abs=1e-9)


def test_wgs84_is_not_changed() -> None:
    assert point_to_wgs84(120.6, 31.0, Datum.WGS84) == (120.6, 31.0)


@pytest.mark.parametrize(("lon", "lat"), [(-122.42, 37.77), (0.0, 90.0), (0.0, 0.0), (71.9, 30.0), (120.0, -31.0)])
@pytest.mark.parametrize("datum", list(Datum))
def test_outside_china_all_datums_are_equal(lon: float, lat: float, datum: Datum) -> None:
    assert point_to_wgs84(lon, lat, datum) == (lon, lat)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 180.1, -200.0])
def test_an_invalid_longitude_is_refused_by_field(bad: float) -> None:
    with pytest.raises(NotACoordinate) as caught:
        to_wgs84([120.0, bad], [31.0, 31.0], Datum.GCJ02)
    assert caught.value.params == {"field": "lon"}


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 120.6])
def test_an_invalid_latitude_is_refused_by_field(bad: float) -> None:
    with pytest.raises(NotACoordinate) as caught:
        from_wgs84(31.0, bad, Datum.WGS84)
    assert caught.value.params == {"field": "lat"}


def test_a_geometry_keeps_its_type_and_every_vertex_moves() -> None:
    square = shapely.box(120.6, 31.0, 120.7, 31.1)
    moved = geometry_to_wgs84(square, Datum.GCJ02)
    assert moved.geom_type == "Polygon"
    assert not np.isin(shapely.get_coordinates(moved), shapely.get_coordinates(square)).any()


def test_results_have_the_shape_of_their_input() -> None:
    lon, lat = to_wgs84(np.full((2, 3), 120.6), np.full((2, 3), 31.0), Datum.BD09)
    assert lon.shape == lat.shape == (2, 3)
    assert to_wgs84([], [], Datum.GCJ02)[0].shape == (0,)


def test_real_boundaries_converted_from_gcj02_match_their_wgs84_edition() -> None:
    path = shared_data(COUNTIES)
    shifted = gpd.read_file(path, layer="cnmaps_gcj02_datum_test").set_index("adcode").geometry
    truth = gpd.read_file(path, layer="amap_wgs84").set_index("district_adcode").geometry
    shifted.index, truth.index = shifted.index.astype(int), truth.index.astype(int)
    medians = {code: median_metres(geometry_to_wgs84(shifted[code], Datum.GCJ02), truth[code]) for code in truth.index}
    assert len(medians) == 15
    assert [code for code, median in medians.items() if median >= 1] == [HESHUI]  # another edition of the boundary
    assert median_metres(shifted[320509], truth[320509]) > 100


def median_metres(geometry: BaseGeometry, truth: BaseGeometry) -> float:
    """Median distance from the vertices of one geometry to the outline of the other: editions differ in vertices."""
    scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(truth.centroid.y)), 1])
    points = shapely.points(shapely.get_coordinates(geometry) * scale)
    outline = shapely.transform(shapely.boundary(truth), lambda vertices: vertices * scale)
    return float(np.median(shapely.distance(points, outline)))
