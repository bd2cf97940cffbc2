"""Fields of view as shapes, cut by walls, and how much of an area they cover. Pure, on a plane in metres.

A view is what was entered of a camera. Trees, heights and what has been built since are not in it.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]

STEP_DEG = 4.0
"""Of an arc: its chords leave out less than a thousandth of the area."""
HUNG_M = 1.0
"""A camera that stands so near to a building, or in it, hangs on it: that building does not cut its view."""


def view(x: float, y: float, *, heading: float, fov_deg: float, range_m: float) -> Polygon:
    """Return the sector that a camera sees: heading in degrees clockwise from north, lengths in metres."""
    steps = max(2, int(np.ceil(fov_deg / STEP_DEG)))
    whole = fov_deg >= 360
    bearings = np.radians(heading - fov_deg / 2 + np.linspace(0, fov_deg, steps + 1))
    rim = np.column_stack([x + range_m * np.sin(bearings), y + range_m * np.cos(bearings)])
    return Polygon(rim[:-1] if whole else np.vstack([[x, y], rim]))


def cut(seen: BaseGeometry, x: float, y: float, buildings: Sequence[Polygon | MultiPolygon]) -> BaseGeometry:
    """Return what is left of a view behind walls, buildings themselves left out."""
    here = shapely.Point(x, y)
    walls = [one for one in buildings if one.intersects(seen) and one.distance(here) > HUNG_M]
    if not walls:
        return seen
    west, south, east, north = seen.bounds
    reach = 2 * float(np.hypot(east - west, north - south)) + 1
    shadows = [_shadow(one, x, y, reach=reach) for one in walls]
    left: BaseGeometry = seen.difference(shapely.union_all(shadows))
    return left


def _shadow(building: BaseGeometry, x: float, y: float, *, reach: float) -> BaseGeometry:
    """Return a building with what lies behind it, seen from a point outside it."""
    quads = [_behind(shapely.get_coordinates(ring), x, y, reach=reach) for ring in _outer_rings(building)]
    shadow: BaseGeometry = shapely.union_all([building, *np.concatenate(quads)])
    return shadow


def _behind(corners: Floats, x: float, y: float, *, reach: float) -> NDArray[np.object_]:
    """Return the shadow of each wall: from its ends to `reach` behind them."""
    away = corners - (x, y)
    far: Floats = corners + away * (reach / np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-9))[:, None]
    quads = np.stack([corners[:-1], corners[1:], far[1:], far[:-1]], axis=1)
    return np.asarray(shapely.make_valid(np.asarray(shapely.polygons(quads), dtype=object)), dtype=object)


def _outer_rings(building: BaseGeometry) -> list[BaseGeometry]:
    return [shapely.get_exterior_ring(part) for part in shapely.get_parts(building)]


def covered_share(area: BaseGeometry, views: Sequence[BaseGeometry]) -> float:
    """Return the share of an area that lies in one of the views at least, 0 to 1."""
    if not views or area.area == 0:
        return 0.0
    seen = shapely.union_all(shapely.intersection(np.array(views, dtype=object), area))
    return min(1.0, float(seen.area / area.area))
