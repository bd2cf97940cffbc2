"""The outlines of polygons as they were, to measure how far others moved from them."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely

from geo.coverage.repair.faces import Floats, Ints, Shapes, lines_of


@dataclass(frozen=True, slots=True)
class Outlines:
    """Polygons, and an index of their segments: measuring each vertex against a whole outline takes minutes."""

    polygons: Shapes
    segments: shapely.STRtree
    owner: Ints

    @classmethod
    def of(cls, polygons: Shapes) -> Self:
        start, end, owner = _segments(polygons)
        return cls(polygons, shapely.STRtree(list(lines_of(start, end))), owner)

    def distances(self, points: Floats, polygon: Ints, *, limit: float) -> Floats:
        """Return the distance of each point (n × 2) from the outline of its polygon; infinity beyond `limit`."""
        given = np.asarray(shapely.points(points), dtype=object)
        at, segment = self.segments.query(given, predicate="dwithin", distance=limit)
        own = self.owner[segment] == polygon[at]
        at, segment = at[own], segment[own]
        nearest = np.full(len(given), np.inf)
        np.minimum.at(nearest, at, shapely.distance(given[at], self.segments.geometries[segment]))
        return nearest

    def depths(self, others: Shapes, *, limit: float) -> Floats:
        """Return how far from its outline the border of each polygon's counterpart in `others` lies at most.

        Whether it gained or lost: a part that is gone altogether was no wider than what may be lost.
        """
        start, end, of = _segments(others)
        points, of = np.concatenate([start, (start + end) / 2]), np.concatenate([of, of])
        deepest = np.zeros(len(others))
        np.maximum.at(deepest, of, self.distances(points, of, limit=limit))
        for far in np.flatnonzero(np.isinf(deepest)).tolist():
            border = shapely.boundary(self.polygons[far])
            deepest[far] = shapely.distance(shapely.points(points[of == far]), border).max()
        return deepest


def _segments(polygons: Shapes) -> tuple[Floats, Floats, Ints]:
    """Return the start and end (n × 2) of each segment, and the number of its polygon."""
    parts, of_part = shapely.get_parts(polygons, return_index=True)
    rings, of_polygon = shapely.get_rings(parts, return_index=True)
    vertices, of_ring = shapely.get_coordinates(rings, return_index=True)
    first = np.flatnonzero(of_ring[:-1] == of_ring[1:])
    return vertices[first], vertices[first + 1], of_part[of_polygon[of_ring[first]]]
