"""Find which vertices and edges of a coverage an edited file has elsewhere, as moves."""

from collections.abc import Iterator, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.coverage.edges import Code, Edge, Line, Point
from geo.coverage.editing.moving import Move
from geo.coverage.topology import Coverage, ends_of
from geo.plane import Plane

Shapes = Mapping[str, BaseGeometry]
"""Shapes of the file by code, in degrees."""
EDGE_SIDES = 2
"""Divisions beside an edge; more of them meet at a node within the draft."""


class EditedLines:
    """The borders of the file, in metres, beside those of a coverage."""

    def __init__(self, coverage: Coverage, shapes: Shapes, *, tolerance_m: float) -> None:
        self.coverage, self.tolerance_m = coverage, tolerance_m
        self.plane: Plane = coverage.plane
        self.borders = {code: self.plane.flatten(shape.boundary) for code, shape in shapes.items()}

    def moves(self) -> Iterator[Move]:
        """Yield the moves of vertices at which edges meet, or those of edges if there are none of these."""
        near = [self.coverage.edges[key] for code in sorted(self.borders) for key in self.coverage.sides[code]]
        nodes = [*self._moved_nodes(near)]
        yield from nodes or self._moved_edges(near)

    def _moved_nodes(self, edges: list[Edge]) -> Iterator[Move]:
        around: dict[Point, set[Code]] = {}
        for edge in edges:
            for end in ends_of(edge):
                around.setdefault(end, set()).update(edge.sides)
        for node, sides in sorted(around.items()):
            codes = {code for code in sides if code is not None}
            known = len(sides) > EDGE_SIDES and codes <= self.borders.keys()
            to = self._new_place(node, codes, at_border=None in sides) if known else None
            if to is not None:
                yield Move(vertex=node, to=to, reach_m=self.tolerance_m)

    def _new_place(self, node: Point, codes: set[str], *, at_border: bool) -> Point | None:
        """Return where a node has gone: a vertex of one shape beside it that lies on the borders of all, too.

        One on the border of the draft is still there.
        """
        at = shapely.Point(self.plane.to_metres([node])[0])
        if all(self.borders[code].distance(at) <= self.tolerance_m for code in codes):
            return None
        first, *others = [self.borders[code] for code in sorted(codes)]
        if at_border:
            others.append(self.plane.flatten(self.coverage.outer.boundary))
        places = shapely.get_coordinates(first)
        vertices = np.asarray(shapely.points(places), dtype=object)
        shared = np.all([shapely.distance(vertices, border) <= self.tolerance_m for border in others], axis=0)
        shared &= self._far_from_nodes(vertices, codes)
        if not shared.any():
            return None
        nearest = int(np.where(shared, shapely.distance(vertices, at), np.inf).argmin())
        return self._in_degrees(places[nearest : nearest + 1])[0]

    def _far_from_nodes(self, vertices: NDArray[np.object_], codes: set[str]) -> NDArray[np.bool_]:
        """Return which vertices are none that divisions had nodes at: those have not moved."""
        edges = [self.coverage.edges[key] for code in codes for key in self.coverage.sides[code]]
        known = sorted({end for edge in edges for end in ends_of(edge)})
        nodes = shapely.MultiPoint(self.plane.to_metres(known))
        return np.asarray(shapely.distance(vertices, nodes) > self.tolerance_m)

    def _moved_edges(self, edges: list[Edge]) -> Iterator[Move]:
        for edge in sorted({edge.key: edge for edge in edges}.values(), key=lambda one: one.key):
            line = None if edge.is_outer else self._new_line(edge)
            if line is not None and line != edge.line:
                yield self._as_move(edge, line)

    def _new_line(self, edge: Edge) -> Line | None:
        """Return the line that an edge has in the file, with vertices that have not moved as they were."""
        if edge.left not in self.borders or edge.right not in self.borders:
            return None
        old = shapely.LineString(self.plane.to_metres(edge.line))
        drawn = self._between(old, self.borders[edge.left], self.borders[edge.right])
        if drawn is None or shapely.hausdorff_distance(old, drawn) <= self.tolerance_m:
            return None
        return self._kept(edge, old, drawn)

    def _between(self, old: shapely.LineString, ours: BaseGeometry, theirs: BaseGeometry) -> shapely.LineString | None:
        """Return the stretch of one border between the ends of an edge that is the other one's border, too."""
        if old.is_closed:
            ring = min(shapely.get_parts(ours), key=lambda part: shapely.hausdorff_distance(part, old))
            ways = [shapely.LineString(ring.coords)]
        else:
            ring = min(shapely.get_parts(ours), key=lambda part: part.distance(shapely.Point(old.coords[0])))
            start, end = (ring.project(shapely.Point(old.coords[i])) for i in (0, -1))
            ways = [_stretch(ring, start, end), _stretch(ring, end, start).reverse()]
        found = [(max(theirs.distance(shapely.Point(xy)) for xy in way.coords), way) for way in ways if way.length > 0]
        away, way = min(found, key=lambda one: one[0])
        return way if away <= 2 * self.tolerance_m else None

    def _kept(self, edge: Edge, old: shapely.LineString, drawn: shapely.LineString) -> Line:
        """Return the drawn line in degrees; old vertices stand for those near them, and those only on the way go."""
        corners = shapely.get_coordinates(old)
        found: list[Point] = []
        for xy in shapely.get_coordinates(drawn.simplify(self.tolerance_m / 2))[1:-1]:
            away = np.hypot(*(corners - xy).T)
            nearest = int(away.argmin())
            near = away[nearest] <= self.tolerance_m
            found.append(edge.line[nearest] if near else self._in_degrees(xy[None, :])[0])
        inner = [point for point in found if point not in ends_of(edge)]
        return self._with_old_ones(edge, (edge.line[0], *inner, edge.line[-1]))

    def _with_old_ones(self, edge: Edge, line: Line) -> Line:
        """Put back old vertices that lie on the drawn line."""
        flat = shapely.LineString(self.plane.to_metres(line))
        places = [(flat.project(shapely.Point(xy)), point) for xy, point in zip(flat.coords, line, strict=True)]
        for point in edge.line[1:-1]:
            at = shapely.Point(self.plane.to_metres([point])[0])
            if point not in line and flat.distance(at) <= self.tolerance_m:
                places.append((flat.project(at), point))
        return tuple(point for _, point in sorted(places))

    def _as_move(self, edge: Edge, line: Line) -> Move:
        """Return a new line as the smallest move that makes it: of one vertex, by a new one, or as a whole."""
        gone, new = [p for p in edge.line if p not in line], [p for p in line if p not in edge.line]
        if len(gone) == len(new) == 1 and edge.line.index(gone[0]) == line.index(new[0]):
            return Move(vertex=gone[0], to=new[0])
        if not gone and len(new) == 1:
            at = line.index(new[0])
            (x0, y0), (x1, y1) = line[at - 1], line[at + 1]
            return Move(edge=((x0 + x1) / 2, (y0 + y1) / 2), to=new[0])
        (x0, y0), (x1, y1) = edge.line[:2]
        return Move(edge=((x0 + x1) / 2, (y0 + y1) / 2), to=line)

    def _in_degrees(self, metres: NDArray[np.float64]) -> list[Point]:
        return [(lon, lat) for lon, lat in self.plane.to_degrees(metres).tolist()]


def _stretch(ring: shapely.LineString, start: float, end: float) -> shapely.LineString:
    """Return the part of a closed line from one place on it on to another."""
    if start <= end:
        return _part(ring, start, end)
    parts = _part(ring, start, ring.length), _part(ring, 0, end)
    return shapely.LineString([xy for part in parts for xy in part.coords])


def _part(line: shapely.LineString, start: float, end: float) -> shapely.LineString:
    part = substring(line, start, end)
    return part if isinstance(part, shapely.LineString) else shapely.LineString([*part.coords, *part.coords])
