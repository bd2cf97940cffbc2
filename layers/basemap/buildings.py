"""The buildings that the basemap draws, for views that they cut. In pieces where tiles cut them."""

from collections.abc import Sequence

import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from layers.basemap.archive import Basemap

RADIUS = 6_378_137.0
"""Of the sphere of Web Mercator, in metres."""


class BuildingsOf:
    """Reads the buildings that touch a shape in degrees, from a basemap's deepest tiles."""

    def __init__(self, basemap: Basemap) -> None:
        self._file = basemap.file

    def __call__(self, shape: BaseGeometry) -> Sequence[Polygon | MultiPolygon]:
        west, south, east, north = shape.bounds
        (left, right), (bottom, top) = _to_mercator(np.array([west, east]), np.array([south, north]))
        _, _, wkb, _ = pyogrio.raw.read(self._file, layer="buildings", columns=[], bbox=(left, bottom, right, top))
        found = shapely.make_valid(shapely.transform(shapely.from_wkb(wkb), _to_degrees))
        return [one for one in found if isinstance(one, Polygon | MultiPolygon) and one.intersects(shape)]


def _to_mercator(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return RADIUS * np.radians(lon), RADIUS * np.arctanh(np.sin(np.radians(lat)))


def _to_degrees(metres: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([np.degrees(metres[:, 0] / RADIUS), np.degrees(np.arctan(np.sinh(metres[:, 1] / RADIUS)))])
