"""Measures of divisions: width, compactness, and whether two shapes are the same land."""

from collections.abc import Sequence
from itertools import pairwise
from math import pi

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.edges import Segment
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
    """Return whether two shapes (degrees) cover the same land, though one may have more vertices on the same lines."""
    if one is other or one.wkb == other.wkb:
        return True
    if shapely.get_num_geometries(one) != shapely.get_num_geometries(other):
        return False
    ours, theirs = _segments(one), _segments(other)
    return _lie_on(ours - theirs, other) and _lie_on(theirs - ours, one)


def _segments(shape: BaseGeometry) -> set[Segment]:
    """Return the segments of a shape's border, each from its smaller end."""
    found: set[Segment] = set()
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        points = [(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
        found.update(min(segment, segment[::-1]) for segment in pairwise(points))
    return found


def _lie_on(segments: set[Segment], shape: BaseGeometry) -> bool:
    """Return whether segments lie on the border of a shape: their ends and their middles do."""
    if not segments:
        return True
    ends = np.array(sorted(segments))
    places = shapely.points(np.concatenate([ends[:, 0], ends[:, 1], ends.mean(axis=1)]))
    return bool(np.all(shapely.distance(places, shape.boundary) <= SAME_DEGREES))
