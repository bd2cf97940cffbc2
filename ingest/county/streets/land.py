"""The lines that a county was drawn with, as a graph: its finest cells, and each stretch of border between two."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geo.coverage.edges import Edge, EdgeKey, edges_of
from geo.coverage.edges import Point as Spot
from geo.plane import Plane
from ingest.county.observations import Division


@dataclass(frozen=True)
class Land:
    """Cells by code, the finest divisions, with the borders between them (`inner`) and around all (`outer`)."""

    cells: dict[str, Division]
    named: dict[str, Division]
    levels: tuple[str, ...]
    inner: tuple[Edge, ...]
    outer: tuple[Edge, ...]
    plane: Plane

    @classmethod
    def of(cls, divisions: Sequence[Division]) -> "Land":
        levels = tuple(dict.fromkeys(one.level for one in divisions))
        cells = {one.code: one for one in divisions if one.level == levels[-1]}
        edges = edges_of([*cells], [one.polygon for one in cells.values()])
        return cls(
            cells=cells,
            named={one.code: one for one in divisions},
            levels=levels,
            inner=tuple(edge for edge in edges if not edge.is_outer),
            outer=tuple(edge for edge in edges if edge.is_outer),
            plane=Plane.at(divisions[0].polygon),
        )

    @cached_property
    def areas(self) -> dict[str, float]:
        """Square metres of each cell."""
        degrees = shapely.area(np.array([one.polygon for one in self.cells.values()], dtype=object))
        return dict(zip(self.cells, (degrees * self.plane.scale.prod()).tolist(), strict=True))

    @cached_property
    def around(self) -> dict[str, list[Edge]]:
        """The inner edges of each cell."""
        found: dict[str, list[Edge]] = {code: [] for code in self.cells}
        for edge in self.inner:
            for code in _codes(edge):
                found[code].append(edge)
        return found

    @cached_property
    def meeting(self) -> dict[Spot, list[Edge]]:
        """The inner edges that end at each node."""
        found: dict[Spot, list[Edge]] = defaultdict(list)
        for edge in self.inner:
            for end in dict.fromkeys((edge.line[0], edge.line[-1])):
                found[end].append(edge)
        return found

    @cached_property
    def rim(self) -> frozenset[Spot]:
        """All points of the outline."""
        return frozenset(spot for edge in self.outer for spot in edge.line)

    @cached_property
    def on_rim(self) -> frozenset[str]:
        """The cells at the outline."""
        return frozenset(code for edge in self.outer for code in edge.sides if code is not None)

    def beside(self, keys: Collection[EdgeKey]) -> set[str]:
        """Return the cells on both sides of some borders."""
        return {code for edge in self.inner if edge.key in keys for code in _codes(edge)}

    def with_neighbours(self, code: str) -> list[str]:
        """Return a cell and those that share a border with it."""
        return [*dict.fromkeys((code, *(other for edge in self.around[code] for other in _codes(edge))))]

    def apart(self, edge: Edge) -> tuple[str, tuple[str, str]]:
        """Return the highest level at which an inner edge is a border, and the codes of the two divisions there."""
        left, right = (self.cells[code].path.split(".") for code in _codes(edge))
        at = next(i for i, (one, other) in enumerate(zip(left, right, strict=True)) if one != other)
        one, other = sorted((left[at], right[at]))
        return self.levels[at], (one, other)

    def middle(self, code: str) -> Spot:
        """Return a cell's middle."""
        label = self.named[code].label
        return label.x, label.y

    def metres(self, line: Iterable[Spot]) -> float:
        """Length of a line."""
        return float(np.hypot(*np.diff(self.plane.to_metres([*line]), axis=0).T).sum())

    def towards(self, start: Spot, end: Spot, metres: float) -> Spot:
        """Return the point some metres from the start, half way at most."""
        whole = self.metres((start, end))
        share = min(0.5, metres / whole) if whole else 0.0
        return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share

    def grown(self, geometry: BaseGeometry, metres: float) -> BaseGeometry:
        """Return a geometry with a margin, or without one if `metres` is negative."""
        grown = shapely.simplify(shapely.buffer(self.plane.flatten(geometry), metres, quad_segs=3), 4.0)
        return shapely.transform(grown, self.plane.to_degrees)

    def ring(self, code: str, metres: float) -> Polygon | None:
        """Return what is left of a cell without its margin, None if that is not one piece."""
        within = self.grown(self.cells[code].polygon, -metres)
        return Polygon(within.exterior) if isinstance(within, Polygon) and not within.is_empty else None

    def sees(self, code: str, spots: Sequence[Spot], *, off: Polygon | None = None) -> bool:
        """Whether a line stays within a cell, and `off` a water."""
        line = LineString(spots)
        return bool(self.cells[code].polygon.covers(line)) and (off is None or not off.intersects(line))

    def seat(self, town: str) -> Spot:
        """Return the middle of a division's densest village, or its own."""
        inside = [self.named[c] for c in self._villages.get(town, ())]
        if not inside:
            return self.middle(town)
        densest: Point = max(inside, key=lambda one: (one.households / one.polygon.area, one.code)).label
        return densest.x, densest.y

    @cached_property
    def _villages(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.named.values():
            if one.level == "village" and one.parent is not None:
                found[one.parent].append(one.code)
        return found


def _codes(edge: Edge) -> tuple[str, str]:
    assert edge.left is not None and edge.right is not None
    return edge.left, edge.right


def outline(polygon: Polygon) -> tuple[Spot, ...]:
    """Return the points around a polygon, the first one again at the end."""
    return tuple((lon, lat) for lon, lat in polygon.exterior.coords)
