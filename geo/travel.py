"""Estimate travel times without roads: straight distance × detour ÷ speed, plus a start.

Simple on purpose: an operator can check it mentally. Roads are longer than the straight line by some two fifths on
average (1.42 to hospitals in the United States: Boscoe, Henry & Zdeb 2012); the defaults assume less on foot and bike.
"""

from collections.abc import Callable, Mapping
from math import asin, cos, radians, sin, sqrt
from typing import Annotated, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from geo.terms import Part, Positive, Share

EARTH_RADIUS_M = 6_371_008.8
SHORTEST_DEGREE_M = 110_000.0
"""Lower bound of a degree of latitude anywhere."""


ModeName = Literal["walk", "bike", "ebike", "motorbike", "car", "boat"]
TravelTime = Callable[[float, str], float]
"""Minutes for a straight distance in metres by a mode of travel; never fewer for a longer way."""


class Mode(Part):
    """A way of travelling. `start_minutes` is what passes before one moves: shoes, helmet, car park.

    `road_factor` multiplies the minutes of a way by road, where roads are known: one's own trails tell it.
    """

    kmh: Positive
    detour: Annotated[float, Field(ge=1)] = 1.3
    start_minutes: Share = 0.0
    road_factor: Positive = 1.0

    @property
    def minutes_per_km(self) -> float:
        """Minutes for a kilometre of the straight line."""
        return self.detour * 60 / self.kmh

    def minutes(self, metres: ArrayLike) -> NDArray[np.float64]:
        """Convert straight distances in metres to minutes, of the same shape."""
        return np.asarray(self.start_minutes + np.asarray(metres) * self.detour * 60 / (self.kmh * 1000))


DEFAULT_MODES: Mapping[ModeName, Mode] = {
    "walk": Mode(kmh=4.8, detour=1.25, start_minutes=0.5),
    "bike": Mode(kmh=13, detour=1.3, start_minutes=1),
    "ebike": Mode(kmh=18, detour=1.3, start_minutes=1),
    "motorbike": Mode(kmh=28, detour=1.35, start_minutes=1.5),
    "car": Mode(kmh=32, detour=1.4, start_minutes=3),
    "boat": Mode(kmh=12, detour=1.5, start_minutes=5),
}


def travel_time(modes: Mapping[ModeName, Mode] = DEFAULT_MODES) -> TravelTime:
    """Minutes by (metres, mode). A mode that the place does not define goes on foot: slow is safer than never."""
    known = {"walk": DEFAULT_MODES["walk"], **modes}
    terms: dict[str, tuple[float, float]] = {
        name: (mode.start_minutes, mode.detour * 60 / (mode.kmh * 1000)) for name, mode in known.items()
    }
    fallback = terms["walk"]

    def minutes(metres: float, mode: str) -> float:
        start, per_metre = terms.get(mode, fallback)
        return start + per_metre * metres

    return minutes


def box_around(lon: float, lat: float, metres: float) -> tuple[float, float, float, float]:
    """Return west, south, east, north of a box that contains everything within `metres` of the point; not the tightest
    one.
    """
    up = metres / SHORTEST_DEGREE_M
    south, north = max(lat - up, -90.0), min(lat + up, 90.0)
    narrowest = cos(radians(max(-south, north)))
    aside = up / narrowest if narrowest > 0 else 360.0
    if lon - aside < -180 or lon + aside > 180:
        return -180.0, south, 180.0, north
    return lon - aside, south, lon + aside, north


def distances_m(lon: float, lat: float, lons: NDArray[np.float64], lats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle metres from one point to many, in degrees; of the shape of `lons` and `lats`."""
    y, to_y = np.radians(lat), np.radians(lats)
    half = np.sin((to_y - y) / 2) ** 2 + np.cos(y) * np.cos(to_y) * np.sin(np.radians(lons - lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def distance_m(lon: float, lat: float, to_lon: float, to_lat: float) -> float:
    """Great-circle metres between two points in degrees, within 0.5% of the ellipsoid.

    Plain floats: called for one fix at a time, thousands of times a second, arrays of one would cost ten times as much.
    """
    y, to_y = radians(lat), radians(to_lat)
    half = sin((to_y - y) / 2) ** 2 + cos(y) * cos(to_y) * sin(radians(to_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(half, 1.0)))
