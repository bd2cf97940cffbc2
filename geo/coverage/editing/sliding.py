"""Slide the end of an inner edge along the border of the draft, which itself stays."""

from typing import NamedTuple

import numpy as np
import shapely

from geo.coverage.edges import Edge, Line, Point
from geo.coverage.editing.finding import edges_with
from geo.coverage.editing.reshaping import replace_shapes
from geo.coverage.loops import AnyPolygon, BrokenBorder, shape_of
from geo.coverage.patches import Patch
from geo.coverage.refusals import Crosses, FixedLine
from geo.coverage.topology import Coverage, ends_of


class Junction(NamedTuple):
    """Where one `inner` edge ends at the border: the `outer` edges lie on both sides."""

    at: Point
    inner: Edge
    outer: tuple[Edge, ...]


def junction_at(coverage: Coverage, vertex: Point) -> Junction | None:
    """Return the junction at a vertex of the draft's border, or None where no single inner edge ends."""
    edges = edges_with(coverage, vertex)
    inner = [edge for edge in edges if not edge.is_outer]
    outer = tuple(edge for edge in edges if edge.is_outer)
    if len(inner) != 1 or len(outer) != 2 or inner[0].is_loop or not all(vertex in ends_of(edge) for edge in edges):
        return None
    return Junction(vertex, inner[0], outer)


def slide(coverage: Coverage, junction: Junction, to: Point, *, reach_m: float) -> Patch:
    """Return the patch that moves a junction to a place on one of its two outer edges, between their ends.

    The strip between changes hands; the old place stays a vertex of the border. Raises `FixedLine` for any other place,
    and `Crosses`.
    """
    for edge in junction.outer:
        if junction.inner.beyond(_inside(edge)) is not None and (
            found := _divided(coverage, edge, junction, to, reach_m)
        ):
            taken, rest = found
            return _slid(coverage, junction, edge, taken, rest)
    codes = sorted(str(code) for code in junction.inner.sides)
    raise FixedLine(*codes, where=shapely.MultiLineString([edge.line for edge in junction.outer]))


def _inside(edge: Edge) -> str:
    return str(edge.right if edge.left is None else edge.left)


def _divided(coverage: Coverage, edge: Edge, junction: Junction, to: Point, reach_m: float) -> tuple[Line, Line] | None:
    """Return the parts of an outer edge before and behind a place, from the junction on; None if it is not on it."""
    line = edge.line if edge.line[0] == junction.at else edge.line[::-1]
    flat = shapely.LineString(coverage.plane.to_metres(line))
    place = shapely.Point(coverage.plane.to_metres([to])[0])
    corners = [shapely.Point(xy).distance(place) for xy in flat.coords]
    nearest = int(np.argmin(corners))
    if corners[nearest] <= reach_m:
        return (line[: nearest + 1], line[nearest:]) if 0 < nearest < len(line) - 1 else None
    if flat.distance(place) > reach_m:
        return None
    along = flat.project(place)
    passed = sum(flat.project(shapely.Point(xy)) < along for xy in flat.coords)
    lon, lat = coverage.plane.to_degrees(flat.interpolate(along).coords)[0].tolist()
    return (*line[:passed], (lon, lat)), ((lon, lat), *line[passed:])


def _slid(coverage: Coverage, junction: Junction, edge: Edge, taken: Line, rest: Line) -> Patch:
    giver = _inside(edge)
    taker = str(junction.inner.beyond(giver))
    moved = tuple(taken[-1] if point == junction.at else point for point in junction.inner.line)
    forth = edge.line[0] == junction.at
    sides = edge.sides if forth else edge.sides[::-1]
    given = Edge(taken, *(taker if code == giver else code for code in sides))
    inner = Edge(moved, *junction.inner.sides)
    shapes = {
        giver: _shape(coverage, giver, (edge, junction.inner), (inner, Edge(rest, *sides))),
        taker: _shape(coverage, taker, (junction.inner,), (inner, given)),
    }
    made = replace_shapes(coverage, shapes, where=shapely.LineString(moved))
    return Patch(gone=made.gone, new=made.new, issued=(coverage.issued, coverage.issued))


def _shape(coverage: Coverage, code: str, without: tuple[Edge, ...], instead: tuple[Edge, ...]) -> AnyPolygon:
    kept = [edge for edge in coverage.edges_around(code) if edge not in without]
    try:
        return shape_of(edge.directed(code) for edge in (*kept, *instead))
    except BrokenBorder:
        raise Crosses(code, where=shapely.LineString(instead[0].line)) from None
