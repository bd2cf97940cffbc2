"""Measures of divisions: width, compactness, and whether two shapes are the same land."""

from collections.abc import Sequence
from math import pi

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.repair.widths import Narrowness, widths
from geo.plane import Plane

SLIVER_M = 0.5
"""Width of a sliver, at most: narrower than any lane or kiosk, wider than what two digitisers differ by. Area says
nothing: 3 cm × 15 km are 450 m²."""
SAME_DEGREES = 1e-10
"""Distance of a vertex from a line that it lies on, at most: ten micrometres, by rounding."""


def slivers(shapes: Sequence[BaseGeometry] | NDArray[np.object_], plane: Plane) -> NDArray[np.bool_]:
    """Return which polygons (degrees) are slivers by their width, that of the largest circle inside."""
    flat = shapely.transform(np.array(shapes, dtype=object), plane.to_metres)
    return Narrowness.of(flat, SLIVER_M).narrow


def width_m(shape: BaseGeometry, plane: Plane) -> float:
    """Return the width of a narrow polygon (degrees) in metres, to some 2 %."""
    return float(widths(np.array([plane.flatten(shape)], dtype=object), limit=SLIVER_M)[0])


def compactness(shape: BaseGeometry, plane: Plane) -> float:
    """Return the Polsby–Popper compactness of a shape (degrees): 4π × area / perimeter², 1 for a circle.

    D. D. Polsby, R. D. Popper: The third criterion, Yale Law & Policy Review 9 (1991). 0 for an empty shape.
    """
    flat = plane.flatten(shape)
    return 4 * pi * flat.area / flat.length**2 if flat.length else 0.0


def same_land(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Return whether two shapes (degrees) cover the same land, though one may have more vertices on the same line."""
    if one.wkb == other.wkb:
        return True
    if shapely.get_num_geometries(one) != shapely.get_num_geometries(other):
        return False
    ours, theirs = _vertices(one), _vertices(other)
    return _lie_on(ours - theirs, other) and _lie_on(theirs - ours, one)


def _vertices(shape: BaseGeometry) -> set[tuple[float, float]]:
    return {(x, y) for x, y in shapely.get_coordinates(shape).tolist()}


def _lie_on(points: set[tuple[float, float]], shape: BaseGeometry) -> bool:
    given = shapely.points(sorted(points)) if points else np.array([], dtype=object)
    return bool((shapely.distance(given, shape.boundary) <= SAME_DEGREES).all())
