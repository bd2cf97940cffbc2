"""Areas drawn by somebody else, laid on grids: their pieces, by width. Pure; shapes are in metres of one plane.

Width, the diameter of the largest circle inside, tells whether two borders are the same line drawn twice: area grows
with the border's length.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.repair.widths import widths

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BORDER_M = 50.0
"""Strips up to this width are a border drawn elsewhere; a wider piece is land of another grid. Importing
grids proposes no repair above it, either."""
POLYGON = 3
"""Shapely's number of polygons among types of geometries."""


@dataclass(frozen=True, slots=True)
class Areas:
    """Shapes by code, each with its width up to twice `BORDER_M`."""

    codes: tuple[str, ...]
    shapes: Shapes
    widths: Floats

    @classmethod
    def of(cls, shapes: Mapping[str, BaseGeometry]) -> Self:
        """Measure the widths of shapes, given in metres by code. Those that rounding made invalid are made valid."""
        found = as_array([*shapes.values()])
        broken = ~shapely.is_valid(found)
        found[broken] = shapely.make_valid(found[broken], method="structure", keep_collapsed=False)
        return cls(tuple(shapes), found, own_widths(found))

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Land that an area and a grid have in common, of both by row. Parts that are only a border drawn twice are left
    out. `is_strip` tells pieces that are no wider than a border drawn elsewhere.
    """

    area: Ints
    grid: Ints
    shapes: Shapes
    is_strip: Bools

    @property
    def square_metres(self) -> Floats:
        return np.asarray(shapely.area(self.shapes))

    def take(self, which: Any) -> "Pieces":
        """Return some of the pieces."""
        return Pieces(self.area[which], self.grid[which], self.shapes[which], self.is_strip[which])


def as_array(shapes: Sequence[BaseGeometry]) -> Shapes:
    """Return shapes as an array of objects, also where there is one or none."""
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def own_widths(shapes: Shapes) -> Floats:
    """Return the width of each shape's widest part; twice `BORDER_M` stands for all that are wider."""
    limit = 2 * BORDER_M
    parts, of = shapely.get_parts(shapes, return_index=True)
    found = np.full(len(parts), limit)
    narrow = ~are_wider(parts, np.full(len(parts), limit))
    if narrow.any():
        found[narrow] = np.minimum(widths(parts[narrow], limit=limit), limit)
    most = np.zeros(len(shapes))
    np.maximum.at(most, of, found)
    return most


def are_wider(parts: Shapes, limits: Floats) -> Bools:
    """Return which polygons are wider than their limits.

    Twice the area by the perimeter is a lower bound. A circle of the same area and the sides of the box are upper ones,
    which sort out most slivers of borders drawn twice; only the rest is shrunk to see.
    """
    area, around = shapely.area(parts), shapely.length(parts)
    least = np.divide(2 * area, around, out=np.zeros(len(parts)), where=around > 0)
    west, south, east, north = shapely.bounds(parts).reshape(-1, 4).T
    most = np.minimum(2 * np.sqrt(area / np.pi), np.minimum(east - west, north - south))
    found = np.asarray(least > limits)
    unknown = np.flatnonzero(~found & (most > limits))
    shrunk = shapely.buffer(parts[unknown], -limits[unknown] / 2, quad_segs=4)
    found[unknown] = ~shapely.is_empty(shrunk)
    return found


def wide_parts(shapes: Shapes, limits: Floats) -> tuple[Shapes, Ints]:
    """Return the polygons in shapes that are wider than the limit of their shape, and the row of the shape of each."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    parts, at = shapely.get_parts(parts, return_index=True)  # Collections of what touches hold multipolygons.
    of = of[at]
    kept = shapely.get_type_id(parts) == POLYGON
    parts, of = parts[kept], of[kept]
    wide = are_wider(parts, limits[of])
    return parts[wide], of[wide]


def joined(parts: Shapes, of: Ints) -> tuple[Shapes, Ints]:
    """Return the parts of each shape as one multipolygon, and its row."""
    rows = np.unique(of)
    return as_array([shapely.MultiPolygon(parts[of == row].tolist()) for row in rows]), rows


def pieces_of(areas: Areas, grids: Areas, *, width: float) -> Pieces:
    """Cut areas along grids. Pieces up to `width` metres wide, or half as wide as the narrower of the two if that is
    less, are a border drawn twice.
    """
    grid, area = shapely.STRtree(areas.shapes).query(grids.shapes, predicate="intersects")
    strip = np.minimum(BORDER_M, np.minimum(areas.widths[area], grids.widths[grid]) / 2)
    common = shapely.intersection(areas.shapes[area], grids.shapes[grid])
    parts, of = wide_parts(common, np.minimum(width, strip))
    shapes, rows = joined(parts, of)
    wide = np.zeros(len(area), dtype=bool)
    np.logical_or.at(wide, of, are_wider(parts, strip[of]))
    return Pieces(area[rows], grid[rows], shapes, ~wide[rows])
