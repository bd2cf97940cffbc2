"""The plane agrees with the ellipsoid over a county."""

import numpy as np
import pytest
import shapely
from pyproj import Geod

from geo.plane import Plane

COUNTY = shapely.box(120.35, 30.76, 120.9, 31.23)


def test_a_round_trip_returns_the_same_point() -> None:
    plane = Plane.at(COUNTY)
    points = np.array([[120.4, 30.8], [120.9, 31.2]])
    assert plane.to_degrees(plane.to_metres(points)) == pytest.approx(points, abs=1e-12)


def test_distances_match_the_ellipsoid_within_half_a_percent() -> None:
    east, north = Plane.at(COUNTY).to_metres([[120.7, 31.1], [120.6, 31.0]]).T
    metres = Geod(ellps="WGS84").inv(120.7, 31.1, 120.6, 31.0)[2]
    assert float(np.hypot(east[0] - east[1], north[0] - north[1])) == pytest.approx(metres, rel=0.005)


def test_areas_match_the_ellipsoid_within_half_a_percent() -> None:
    truth = abs(Geod(ellps="WGS84").geometry_area_perimeter(COUNTY)[0])
    assert Plane.at(COUNTY).area_m2(COUNTY) == pytest.approx(truth, rel=0.005)
    assert shapely.area(Plane.at(COUNTY).flatten(COUNTY)) == pytest.approx(truth, rel=0.005)
