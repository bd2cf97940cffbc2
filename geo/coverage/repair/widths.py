"""Widths of slivers: the diameter of the largest circle that fits into a polygon, in its own units.

Width says whether two borders are the same line drawn twice; area does not, since it grows with the border's length.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

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


@dataclass(frozen=True, slots=True)
class Narrowness:
    """Which polygons are `narrow`, and bounds of their widths; `most` is infinite where it was not needed."""

    narrow: NDArray[np.bool_]
    least: Floats
    most: Floats

    @classmethod
    def of(cls, shapes: Shapes, width: float) -> Self:
        """Measure which polygons are at most `width` wide."""
        least = _ratio(2 * shapely.area(shapes), shapely.length(shapes))
        narrow, most = np.zeros(len(shapes), dtype=bool), np.full(len(shapes), np.inf)
        thin = np.flatnonzero(least <= width)
        most[thin] = width_bounds(shapes[thin])[1]
        narrow[thin] = most[thin] <= width
        unknown = thin[~narrow[thin]]
        narrow[unknown] = shapely.is_empty(_eroded(shapes[unknown], np.full(len(unknown), width)))
        return cls(narrow, least, most)

    def take(self, which: Ints) -> Self:
        """Return that of some of the polygons."""
        return replace(self, narrow=self.narrow[which], least=self.least[which], most=self.most[which])

    def and_of(self, shapes: Shapes, width: float) -> Self:
        """Return that of these polygons and then of more `shapes`."""
        more = self.of(shapes, width)
        return replace(
            self,
            narrow=np.concatenate([self.narrow, more.narrow]),
            least=np.concatenate([self.least, more.least]),
            most=np.concatenate([self.most, more.most]),
        )

    def bounds(self, shapes: Shapes) -> tuple[Floats, Floats]:
        """Return `width_bounds` of the polygons."""
        most = self.most.copy()
        unknown = np.isinf(most)
        most[unknown] = width_bounds(shapes[unknown])[1]
        return self.least.copy(), most


def widths(shapes: Shapes, *, limit: float, known: Narrowness | None = None) -> Floats:
    """Return each polygon's width to some 2 %. None is reported beyond `limit` that is not.

    `known` are the polygons' bounds at `limit`, where they were measured before. Beyond the widest `HALVED_AT_MOST`, a
    width is estimated as that of a triangle.
    """
    known = known or Narrowness.of(shapes, limit)
    narrow, (least, most) = known.narrow, known.bounds(shapes)
    triangle = _ratio(4 * shapely.area(shapes), shapely.length(shapes))
    most = np.where(narrow, np.minimum(most, limit), most)
    least = np.where(narrow, np.minimum(least, limit), np.maximum(least, limit))
    most = np.maximum(most, least)
    widest = np.lexsort((-triangle, -most))[:HALVED_AT_MOST]
    for _ in range(STEPS):
        unknown = widest[most[widest] > CLOSE_ENOUGH * least[widest]]
        if not unknown.size:
            break
        _halve(shapes, least, most, unknown, lambda at: np.sqrt(np.maximum(least[at], FINEST) * most[at]))
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
