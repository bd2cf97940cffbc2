"""Move a vertex or a shared edge, straighten edges, and snap them to given lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely

from geo.coverage.edges import Edge, EdgeKey, Line, Point
from geo.coverage.editing.fields import (
    Codes,
    DrawnLines,
    MaybeMetres,
    MaybePlace,
    Metres,
    Place,
    PlaceOnEdge,
    PlaceOrLine,
)
from geo.coverage.editing.finding import REACH_M, Found, division_of, edges_with, place_at, vertex_at
from geo.coverage.editing.reshaping import metres_between, replaced, reshape, without_repeats
from geo.coverage.editing.sliding import junction_at, slide
from geo.coverage.patches import Patch
from geo.coverage.refusals import NothingThere
from geo.coverage.topology import Coverage


@dataclass(frozen=True, slots=True)
class Move:
    """Move the `vertex` at a place, or the `edge` at one.

    `to` a place: the vertex goes there, and the edge gets a new vertex that does; a vertex there within `reach_m` is
    meant. A vertex at which an edge ends on the border of the draft slides along that. `to` a line, with `edge`: the
    whole edge, between the vertices at which others meet it, follows the line.
    """

    op: ClassVar[str] = "move"
    to: PlaceOrLine
    vertex: MaybePlace = None
    edge: PlaceOnEdge = None
    reach_m: Metres = REACH_M

    def __post_init__(self) -> None:
        if (self.vertex is None) == (self.edge is None) or (self.vertex is not None and self.line is not None):
            raise ValueError

    @property
    def line(self) -> Line | None:
        """The target as a line, if it is one."""
        return tuple(point for point in self.to if isinstance(point, tuple)) or None

    @property
    def place(self) -> Point:
        """The target as a place."""
        lon, lat = (number for number in self.to if not isinstance(number, tuple))
        return lon, lat

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `NothingThere`, `FixedLine` on the border of the draft, `Crosses`."""
        grabbed = self.vertex or self.edge
        assert grabbed is not None
        found = place_at(coverage, grabbed, reach_m=self.reach_m)
        if self.line is not None:
            edge = _meant(coverage, found, self.line)
            return reshape(coverage, {edge.key: _between_ends(coverage, edge, self.line, self.reach_m)})
        if self.vertex is not None and not found.is_vertex:
            raise NothingThere(where=shapely.Point(self.vertex), reach_m=self.reach_m)
        to = vertex_at(coverage, self.place, reach_m=self.reach_m) or self.place
        if found.is_vertex and (junction := junction_at(coverage, found.vertex)):
            return slide(coverage, junction, self.place, reach_m=self.reach_m)
        if found.is_vertex:
            return move_vertices(coverage, {found.vertex: self.place if to == found.vertex else to})
        line = found.edge.line
        return reshape(coverage, {found.edge.key: (*line[: found.at + 1], to, *line[found.at + 1 :])})


def _meant(coverage: Coverage, found: Found, to: Line) -> Edge:
    """Return the edge that is to follow a line: at a corner, the one whose ends are nearest to the line's."""
    edges = edges_with(coverage, found.vertex) if found.is_vertex else [found.edge]

    def away(edge: Edge) -> float:
        ends = edge.line[0], edge.line[-1]
        return min(
            metres_between(coverage, to[0], one) + metres_between(coverage, to[-1], other)
            for one, other in (ends, ends[::-1])
        )

    return min(edges, key=away)


def move_vertices(coverage: Coverage, moves: Mapping[Point, Point]) -> Patch:
    """Return the patch that moves vertices, for every edge that has them. Raises what `reshape` does."""
    edges = {edge.key: edge for vertex in moves for edge in edges_with(coverage, vertex)}
    return reshape(coverage, {key: replaced(edge.line, moves) for key, edge in edges.items()})


def _between_ends(coverage: Coverage, edge: Edge, to: Line, reach_m: float) -> Line:
    """Return a line between the ends of an edge; its own ends are left out where they are meant to be those."""
    start, end = edge.line[0], edge.line[-1]
    if edge.is_loop:
        return to if to[0] == to[-1] else (*to, to[0])
    if metres_between(coverage, to[0], start) + metres_between(coverage, to[-1], end) > metres_between(
        coverage, to[0], end
    ) + metres_between(coverage, to[-1], start):
        to = to[::-1]
    inner = [point for point in to if min(metres_between(coverage, point, one) for one in (start, end)) > reach_m]
    return without_repeats([start, *inner, end])


@dataclass(frozen=True, slots=True)
class Straighten:
    """Straighten the edge at a place: leave out vertices whose going moves the line by at most `within_m`.

    Without `within_m`, the edge becomes straight between its ends. The rule is Douglas and Peucker's (1973).
    """

    op: ClassVar[str] = "straighten"
    edge: Place
    within_m: MaybeMetres = None
    reach_m: Metres = REACH_M

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `NothingThere`, `FixedLine`, `Crosses`."""
        edge = place_at(coverage, self.edge, reach_m=self.reach_m).edge
        if self.within_m is None and not edge.is_loop:
            return reshape(coverage, {edge.key: (edge.line[0], edge.line[-1])})
        flat = shapely.LineString(coverage.plane.to_metres(edge.line))
        kept = shapely.get_coordinates(flat.simplify(self.within_m or 0.0, preserve_topology=edge.is_loop))
        places = {(x, y): point for (x, y), point in zip(flat.coords, edge.line, strict=True)}
        return reshape(coverage, {edge.key: tuple(places[x, y] for x, y in kept.tolist())})


@dataclass(frozen=True, slots=True)
class Snap:
    """Snap the edges around divisions `codes` to `lines`, such as streets: each that lies within `within_m` of one of
    them along its whole length follows it. The border of the draft stays.

    Corners where such edges meet go along, with all edges that end there.
    """

    op: ClassVar[str] = "snap"
    codes: Codes
    lines: DrawnLines
    within_m: Metres

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `UnknownCode`, `NothingThere` if no edge is that near, `Crosses`."""
        for code in self.codes:
            division_of(coverage, code)
        within = set(coverage.tree.finest_below(self.codes))
        edges = sorted({edge.key for _, edge in coverage.border_of(within) if not edge.is_outer})
        guides = [shapely.LineString(coverage.plane.to_metres(line)) for line in self.lines]
        matched = {key: guide for key in edges if (guide := self._guide(coverage, coverage.edges[key], guides))}
        if not matched:
            raise NothingThere(*self.codes, where=shapely.MultiLineString(self.lines), reach_m=self.within_m)
        return _snapped(coverage, matched)

    def _guide(self, coverage: Coverage, edge: Edge, guides: Iterable[shapely.LineString]) -> shapely.LineString | None:
        """Return the nearest line that an edge follows."""
        flat = shapely.LineString(coverage.plane.to_metres(edge.line))
        places = [flat.interpolate(share, normalized=True) for share in np.linspace(0, 1, 9)]
        corners = [shapely.Point(xy) for xy in flat.coords]
        found = [(max(guide.distance(p) for p in (*places, *corners)), i) for i, guide in enumerate(guides)]
        away, which = min(found)
        return [*guides][which] if away <= self.within_m else None


def _snapped(coverage: Coverage, matched: Mapping[EdgeKey, shapely.LineString]) -> Patch:
    """Return the patch that puts edges on their guides."""
    moves: dict[Point, Point] = {}
    for key, guide in matched.items():
        for end in (coverage.edges[key].line[0], coverage.edges[key].line[-1]):
            if not any(edge.is_outer for edge in edges_with(coverage, end)):
                moves.setdefault(end, _onto(coverage, guide, end))
    lines = {edge.key: replaced(edge.line, moves) for point in moves for edge in edges_with(coverage, point)}
    for key, guide in matched.items():
        line = lines.get(key, coverage.edges[key].line)
        lines[key] = without_repeats([line[0], *_along(coverage, guide, line), line[-1]])
    return reshape(coverage, lines)


def _onto(coverage: Coverage, guide: shapely.LineString, point: Point) -> Point:
    """Return the place on a guide (metres) nearest to a point (degrees)."""
    place = shapely.Point(coverage.plane.to_metres([point])[0])
    lon, lat = coverage.plane.to_degrees(guide.interpolate(guide.project(place)).coords)[0].tolist()
    return lon, lat


def _along(coverage: Coverage, guide: shapely.LineString, line: Line) -> list[Point]:
    """Return the vertices of a guide between the ends of a line, in the line's direction."""
    start, end = (guide.project(shapely.Point(xy)) for xy in coverage.plane.to_metres([line[0], line[-1]]))
    low, high = min(start, end), max(start, end)
    at = [(guide.project(shapely.Point(xy)), xy) for xy in guide.coords]
    inner = [xy for where, xy in sorted(at) if low < where < high]
    degrees = coverage.plane.to_degrees(np.array(inner).reshape(-1, 2)).tolist()
    found = [(lon, lat) for lon, lat in degrees]
    return found if start <= end else found[::-1]
