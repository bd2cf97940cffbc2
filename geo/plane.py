"""Local tangent plane in metres: accurate to a few parts in a thousand over a county, and far cheaper than geodesy.

For comparing and making shapes (areas of gaps, sizes of cells), never for travel distances shown to people.
"""

from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
AnyGeometry = TypeVar("AnyGeometry", bound=BaseGeometry)

EQUATOR_RADIUS = 6378137.0
ECCENTRICITY2 = 0.00669437999014


@dataclass(frozen=True, slots=True)
class Plane:
    """The tangent plane of WGS-84 at one point: x east, y north, metres from there."""

    lon: float
    lat: float

    @classmethod
    def at(cls, geometry: BaseGeometry) -> Self:
        """Return the plane at the middle of a geometry's bounds. The geometry must not be empty."""
        west, south, east, north = geometry.bounds
        return cls((west + east) / 2, (south + north) / 2)

    @property
    def scale(self) -> Floats:
        """Metres per degree of longitude and of latitude."""
        phi = np.radians(self.lat)
        curve = 1 - ECCENTRICITY2 * np.sin(phi) ** 2
        east = EQUATOR_RADIUS / np.sqrt(curve) * np.cos(phi)
        north = EQUATOR_RADIUS * (1 - ECCENTRICITY2) / curve**1.5
        return np.asarray(np.radians(np.array([east, north])))

    def to_metres(self, lonlat: ArrayLike) -> Floats:
        """Convert longitudes and latitudes (n × 2) to metres (n × 2)."""
        return np.asarray((np.asarray(lonlat, dtype=np.float64) - (self.lon, self.lat)) * self.scale)

    def to_degrees(self, metres: ArrayLike) -> Floats:
        """Convert metres (n × 2) to longitudes and latitudes (n × 2)."""
        return np.asarray(np.asarray(metres, dtype=np.float64) / self.scale + (self.lon, self.lat))

    def flatten(self, geometry: AnyGeometry) -> AnyGeometry:
        return shapely.transform(geometry, self.to_metres)

    def area_m2(self, geometry: BaseGeometry) -> float:
        """Area of a geometry in degrees, in square metres."""
        return float(geometry.area * self.scale.prod())
