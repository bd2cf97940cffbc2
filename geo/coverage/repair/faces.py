"""Cut overlapping polygons into faces: the pieces into which all their borders together divide the plane.

Every point within a face belongs to the same polygons, so an overlap is a face of two polygons and a gap a face of
none. Faces share their vertices to the last bit, whatever the polygons do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROUNDED_M = 1e-6
SAME_AREA = 1e-9


@dataclass(frozen=True, slots=True)
class Borders:
    """Stretches of border between two faces: `face` on one side, `other` on its other side; each is listed both ways.

    `start` and `end` are their vertices (n × 2).
    """

    face: Ints
    other: Ints
    start: Floats
    end: Floats

    @property
    def metres(self) -> Floats:
        return np.asarray(np.hypot(*(self.end - self.start).T))


@dataclass(frozen=True, slots=True)
class Faces:
    """`shapes` of faces; pairs of a face (`face`) and a polygon that covers it (`owner`); whether each is `inside` the
    parent, if there is one."""

    shapes: Shapes
    face: Ints
    owner: Ints
    inside: NDArray[np.bool_]

    @classmethod
    def of(cls, polygons: Shapes, parent: BaseGeometry | None = None, *, cuts: Sequence[BaseGeometry] = ()) -> Self:
        """Cut polygons, also along the parent's border and along `cuts`.

        Where lines run so close beside each other that faces get lost, vertices are rounded first.
        """
        lines = lines_between(polygons, parent, cuts)
        exact = cls._between(lines, polygons, parent)
        return exact if exact.covers(polygons) else cls._between(lines, polygons, parent, grid_size=ROUNDED_M)

    @classmethod
    def _between(
        cls,
        lines: Sequence[BaseGeometry],
        polygons: Shapes,
        parent: BaseGeometry | None,
        *,
        grid_size: float | None = None,
    ) -> Self:
        noded = shapely.unary_union(lines, grid_size=grid_size)
        shapes = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
        middles = shapely.point_on_surface(shapes)
        owner, face = shapely.STRtree(middles).query(polygons, predicate="intersects")
        inside = np.ones(len(shapes), dtype=bool)
        if parent is not None:
            shapely.prepare(parent)
            inside = np.asarray(shapely.intersects(parent, middles))
        return cls(shapes, face, owner, inside)

    def covers(self, polygons: Shapes) -> bool:
        """Return whether the faces of each polygon make up its area."""
        found = np.bincount(self.owner, shapely.area(self.shapes[self.face]), minlength=len(polygons))
        return bool(np.allclose(found, shapely.area(polygons), rtol=SAME_AREA, atol=0))

    @property
    def owners(self) -> Ints:
        """Number of polygons that cover each face."""
        return np.bincount(self.face, minlength=len(self.shapes))

    def borders(self) -> Borders:
        """List the borders between faces. Those towards the unbounded outside are left out."""
        rings, of_face = shapely.get_rings(self.shapes, return_index=True)
        vertices, of_ring = shapely.get_coordinates(rings, return_index=True)
        _, number = np.unique(vertices[:, 0] + 1j * vertices[:, 1], return_inverse=True)
        first = np.flatnonzero(of_ring[:-1] == of_ring[1:])
        low, high = np.sort([number[first], number[first + 1]], axis=0)
        key = low * (number.max() + 1) + high
        order = np.argsort(key, kind="stable")
        same = np.flatnonzero(key[order[:-1]] == key[order[1:]])
        one, two = order[same], order[same + 1]
        here, there = np.concatenate([one, two]), np.concatenate([two, one])
        start = first[here]
        return Borders(of_face[of_ring[start]], of_face[of_ring[first[there]]], vertices[start], vertices[start + 1])


def lines_between(polygons: Shapes, parent: BaseGeometry | None, cuts: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Return the lines that cut the plane into faces: all borders, and `cuts`."""
    return [*shapely.boundary(polygons), *([parent.boundary] if parent is not None else []), *cuts]


def lines_of(start: Floats, end: Floats) -> Shapes:
    """Return the straight lines between pairs of points (n × 2 each)."""
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)
