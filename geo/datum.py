"""Datums of Chinese maps: WGS-84, GCJ-02 (shifted by law) and BD-09 (Baidu's shift on top of it).

Everything inside Maplebridge is WGS-84; only this file knows the shifts, and only imports and exports use it. The
forward shifts are the published ones. The inverse has no formula and is found by iteration to under 1e-9 degrees (0.1
mm). The shift is defined for China: outside the customary rectangle (72.004–137.8347° E, 0.8293–55.8271° N) all datums
are taken as equal. The rectangle is rough and holds parts of neighbouring countries: their points are shifted too when
they claim to be GCJ-02, and a point within a kilometre of the rectangle's edge may not survive a round trip.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import ClassVar, TypeVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from geo.errors import MaplebridgeError

Floats = NDArray[np.float64]
Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]
AnyGeometry = TypeVar("AnyGeometry", bound=BaseGeometry)

WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
KRASOVSKY_A = 6378245.0
KRASOVSKY_E2 = 0.00669342162296594323
BAIDU_PI = np.pi * 3000 / 180
CONVERGED_DEGREES = 1e-10
MAX_STEPS = 20


class Datum(StrEnum):
    """Reference system of a pair of longitude and latitude."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class NotACoordinate(MaplebridgeError):
    """A longitude or latitude that is not finite, or not on the globe. `params`: `field`."""

    code: ClassVar[str] = "coordinate.invalid"


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Convert longitudes and latitudes (degrees, same shape) from `datum` to WGS-84. Raises `NotACoordinate`."""
    x, y = _checked(lon, lat)
    if datum is Datum.WGS84:
        return x, y
    return _within_china(partial(_inverse, _FORWARD[datum]), x, y)


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Convert WGS-84 longitudes and latitudes (degrees, same shape) to `datum`. Raises `NotACoordinate`."""
    x, y = _checked(lon, lat)
    if datum is Datum.WGS84:
        return x, y
    return _within_china(_FORWARD[datum], x, y)


def point_to_wgs84(lon: float, lat: float, datum: Datum) -> tuple[float, float]:
    """`to_wgs84` for one point, as plain floats."""
    x, y = to_wgs84(lon, lat, datum)
    return float(x), float(y)


def geometry_to_wgs84(geometry: AnyGeometry, datum: Datum) -> AnyGeometry:
    """Convert every vertex of a geometry to WGS-84; a third coordinate is dropped. Raises `NotACoordinate`."""

    def moved(vertices: Floats) -> Floats:
        return np.column_stack(to_wgs84(vertices[:, 0], vertices[:, 1], datum))

    return shapely.transform(geometry, moved)


def _checked(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    for field, values, most in (("lon", x, 180.0), ("lat", y, 90.0)):
        # NaN compares false and infinity is too large, so one comparison catches both.
        if not np.all(np.abs(values) <= most):
            raise NotACoordinate(field=field)
    return x, y


def _within_china(shift: Shift, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Apply `shift` inside the rectangle only. Points outside are computed as Beijing: at the poles the formula divides
    by 0.
    """
    x, y = np.broadcast_arrays(x, y)
    inside = (x >= WEST) & (x <= EAST) & (y >= SOUTH) & (y <= NORTH)
    moved_x, moved_y = shift(np.where(inside, x, 116.4), np.where(inside, y, 39.9))
    return np.where(inside, moved_x, x), np.where(inside, moved_y, y)


def _inverse(forward: Shift, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Solve `forward(result) == (x, y)` by fixed-point iteration.

    The shift changes by at most 2% of a step taken, so each step gains nearly two digits and six are enough. A point
    that has converged stays: the same point comes out the same, whatever others it is converted with.
    """
    guess_x, guess_y, moving = x, y, np.ones(np.shape(x), dtype=bool)
    for _ in range(MAX_STEPS):
        there_x, there_y = forward(guess_x, guess_y)
        step_x, step_y = x - there_x, y - there_y
        guess_x, guess_y = guess_x + moving * step_x, guess_y + moving * step_y
        moving = moving & (np.maximum(np.abs(step_x), np.abs(step_y)) >= CONVERGED_DEGREES)
        if not np.any(moving):
            break
    return guess_x, guess_y


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east = east + (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x)) * 2 / 3
    east = east + (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north = north + (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y)) * 2 / 3
    north = north + (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)) * 2 / 3
    return lon + east / _metres_per_degree_east(lat), lat + north / _metres_per_degree_north(lat)


def _metres_per_degree_east(lat: Floats) -> Floats:
    phi = np.radians(lat)
    return np.asarray(KRASOVSKY_A / np.sqrt(1 - KRASOVSKY_E2 * np.sin(phi) ** 2) * np.cos(phi) * np.pi / 180)


def _metres_per_degree_north(lat: Floats) -> Floats:
    curve = 1 - KRASOVSKY_E2 * np.sin(np.radians(lat)) ** 2
    return np.asarray(KRASOVSKY_A * (1 - KRASOVSKY_E2) / (curve * np.sqrt(curve)) * np.pi / 180)


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BAIDU_PI)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BAIDU_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _wgs84_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return _gcj02_to_bd09(*_wgs84_to_gcj02(lon, lat))


_FORWARD: dict[Datum, Shift] = {Datum.GCJ02: _wgs84_to_gcj02, Datum.BD09: _wgs84_to_bd09}
