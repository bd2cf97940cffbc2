"""Give edges another line, for both divisions beside each at once."""

from collections.abc import Iterable, Mapping

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.edges import Edge, EdgeKey, Line, Point
from geo.coverage.editing.drafting import Redrawn, redraw
from geo.coverage.loops import AnyPolygon, BrokenBorder, shape_of
from geo.coverage.patches import Patch
from geo.coverage.refusals import Crosses, FixedLine
from geo.coverage.topology import Coverage


def reshape(coverage: Coverage, lines: Mapping[EdgeKey, Line]) -> Patch:
    """Return the patch that gives edges new `lines`, in their own direction; a line of one vertex drops its edge.

    Raises `FixedLine` on the border of the draft, and `Crosses` if a line meets another.
    """
    changed = {key: line for key, line in lines.items() if line != coverage.edges[key].line}
    outer = [coverage.edges[key] for key in changed if coverage.edges[key].is_outer]
    if outer:
        codes = sorted({code for edge in outer for code in edge.sides if code is not None})
        raise FixedLine(*codes, where=shapely.MultiLineString([edge.line for edge in outer]))
    codes = sorted({code for key in changed for code in coverage.edges[key].sides if code is not None})
    found = Patch(issued=(coverage.issued, coverage.issued))
    if not codes:
        return found
    made = _redrawn(coverage, codes, changed)
    return Patch(gone=made.gone, new=made.new, issued=found.issued)


def _redrawn(coverage: Coverage, codes: list[str], lines: Mapping[EdgeKey, Line]) -> Redrawn:
    where = _crossing(coverage, codes, lines)
    try:
        shapes = {code: _shape(coverage, code, lines) for code in codes}
    except BrokenBorder:
        raise Crosses(*codes, where=where) from None
    return replace_shapes(coverage, shapes, where=where)


def replace_shapes(coverage: Coverage, shapes: Mapping[str, AnyPolygon], *, where: BaseGeometry) -> Redrawn:
    """Return the edges of finest divisions with other shapes on the same land; raises `Crosses` unless they fit."""
    drawn = [*shapes.values()]
    if not shapely.is_valid(drawn).all() or not shapely.coverage_is_valid(drawn):
        raise Crosses(*shapes, where=where)
    try:
        return redraw(coverage, shapes, [*shapes.items()])
    except Crosses:
        raise Crosses(*shapes, where=where) from None


def _shape(coverage: Coverage, code: str, lines: Mapping[EdgeKey, Line]) -> AnyPolygon:
    edges = [
        Edge(lines.get(key, edge.line), *edge.sides) for key in coverage.sides[code] for edge in [coverage.edges[key]]
    ]
    return shape_of(edge.directed(code) for edge in edges if len(edge.line) > 1)


def _crossing(coverage: Coverage, codes: list[str], lines: Mapping[EdgeKey, Line]) -> BaseGeometry:
    """Return the points where new lines meet others, or else the new lines."""
    keys = {key for code in codes for key in coverage.sides[code]}
    drawn = [line for line in (lines.get(key, coverage.edges[key].line) for key in keys) if len(line) > 1]
    known = {point for line in drawn for point in line}
    noded = shapely.get_coordinates(shapely.unary_union([shapely.LineString(line) for line in drawn]))
    found = sorted({(x, y) for x, y in noded.tolist()} - known)
    new = [line for line in lines.values() if len(line) > 1]
    return shapely.MultiPoint(found) if found else shapely.MultiLineString(new)


def without_repeats(points: Iterable[Point]) -> Line:
    """Return a line without vertices that repeat the one before."""
    found: list[Point] = []
    for point in points:
        if not found or found[-1] != point:
            found.append(point)
    return tuple(found)


def replaced(line: Line, moves: Mapping[Point, Point]) -> Line:
    """Return a line with vertices moved, and no two of them in a row the same."""
    return without_repeats(moves.get(point, point) for point in line)


def metres_between(coverage: Coverage, one: Point, other: Point) -> float:
    """Return the distance of two places in metres."""
    return float(np.hypot(*((np.array(one) - other) * coverage.plane.scale)))
