"""Widths of slivers: the diameter of the largest circle that fits into a polygon, in its own units.

Width says whether two borders are the same line drawn twice; area does not, since it grows with the border's length.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CLOSE_ENOUGH = 1.02
"""Ratio of the bounds at which a width is known well enough to be reported."""
STEPS = 12
HALVED_AT_MOST = 1000
"""Polygons whose width is found by halving: eroding one takes some 10 µs."""
FINEST = 1e-9


def width_bounds(shapes: Shapes) -> tuple[Floats, Floats]:
    """Return a lower and an upper bound of each polygon's width, without a search.

    No polygon is narrower than twice its area by its perimeter, since every point in it lies within half a width of
    its border. None is wider than the rectangle around it, nor than what a circle in its convex hull can be.
    """
    area, around = shapely.area(shapes), shapely.length(shapes)
    hull, box = shapely.convex_hull(shapes), shapely.oriented_envelope(shapes)
    least = _ratio(2 * area, around)
    in_hull = _ratio(4 * shapely.area(hull), shapely.length(hull))
    half, inside = shapely.length(box) / 2, shapely.area(box)
    in_box = _ratio(2 * inside, half + np.sqrt(np.maximum(half**2 - 4 * inside, 0)))
    in_circle = 2 * np.sqrt(area / np.pi)
    return least, np.maximum(least, np.minimum.reduce([in_hull, in_box, in_circle]))


def are_narrow(shapes: Shapes, width: float) -> NDArray[np.bool_]:
    """Return which polygons are at most `width` wide."""
    least = _ratio(2 * shapely.area(shapes), shapely.length(shapes))
    narrow = np.zeros(len(shapes), dtype=bool)
    thin = np.flatnonzero(least <= width)
    narrow[thin] = width_bounds(shapes[thin])[1] <= width
    unknown = thin[~narrow[thin]]
    narrow[unknown] = shapely.is_empty(_eroded(shapes[unknown], np.full(len(unknown), width)))
    return narrow


def widths(shapes: Shapes, *, limit: float, narrow: NDArray[np.bool_] | None = None) -> Floats:
    """Return each polygon's width to some 2 %. None is reported beyond `limit` that is not.

    `narrow` says which are not, where that is known. Beyond the widest `HALVED_AT_MOST`, a width is estimated as that
    of a triangle.
    """
    least, most = width_bounds(shapes)
    if narrow is None:
        narrow = are_narrow(shapes, limit)
    most = np.where(narrow, np.minimum(most, limit), most)
    least = np.where(narrow, np.minimum(least, limit), np.maximum(least, limit))
    most = np.maximum(most, least)
    widest = np.argsort(-most)[:HALVED_AT_MOST]
    for _ in range(STEPS):
        unknown = widest[most[widest] > CLOSE_ENOUGH * least[widest]]
        if not unknown.size:
            break
        _halve(shapes, least, most, unknown, lambda at: np.sqrt(np.maximum(least[at], FINEST) * most[at]))
    triangle = _ratio(4 * shapely.area(shapes), shapely.length(shapes))
    return np.where(most > CLOSE_ENOUGH * least, np.clip(triangle, least, most), most)


def _halve(shapes: Shapes, least: Floats, most: Floats, at: Ints, middle: Callable[[Ints], Any]) -> None:
    """Tighten the bounds of some polygons: shrunk by half of `middle`, those that are narrower vanish."""
    width = np.broadcast_to(middle(at), len(at))
    gone = shapely.is_empty(_eroded(shapes[at], width))
    most[at[gone]], least[at[~gone]] = width[gone], width[~gone]


def _eroded(shapes: Shapes, width: Floats) -> Any:
    return shapely.buffer(shapes, -width / 2, quad_segs=4)


def _ratio(above: Any, below: Any) -> Floats:
    return np.asarray(np.divide(above, below, out=np.zeros(np.shape(above)), where=np.asarray(below) > 0))
