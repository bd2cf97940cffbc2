"""Rework the finest divisions of a coverage: cut them along lines, and give the pieces to divisions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.edges import Code, DoubledBorder, Edge, Point, Segment, edges_of, segments_of
from geo.coverage.refusals import Crosses
from geo.coverage.topology import Coverage, ends_of

LOST_M = 1e-5
"""Width of what pieces may lack of the division that they make up, by rounding."""
ROUNDED_DEGREES = 1e-11
"""Distance at which a point counts as on a line: a micrometre; rounding leaves a thousandth of it."""


class Piece(NamedTuple):
    """A piece of the division `of`, in degrees."""

    of: str
    shape: shapely.Polygon


def cut(coverage: Coverage, codes: Iterable[str], lines: Sequence[BaseGeometry]) -> list[Piece]:
    """Cut finest divisions along lines (degrees). Vertices that were there stay, to the last bit.

    Raises `Crosses` where lines run so close beside borders that pieces would get lost.
    """
    within = sorted(set(codes))
    keys = {key for code in within for key in coverage.sides[code]}
    borders = [shapely.LineString(coverage.edges[key].line) for key in sorted(keys)]
    noded = shapely.unary_union([*borders, *lines])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    shapes = np.array([coverage.shapes[code] for code in within], dtype=object)
    owner, face = shapely.STRtree(shapely.point_on_surface(faces)).query(shapes, predicate="contains")
    pieces = [Piece(within[i], faces[j]) for i, j in zip(owner.tolist(), face.tolist(), strict=True)]
    known = {point for key in keys for point in coverage.edges[key].line}
    pieces = _without_spare(pieces, known, borders)
    found = {point for piece in pieces for point in _points(piece.shape)}
    area = np.bincount(owner, shapely.area(faces[face]), minlength=len(within))
    lacking = np.abs(area - shapely.area(shapes)) * coverage.plane.scale.prod()
    length = shapely.length(shapes) * coverage.plane.scale.max()
    if not known <= found or (lacking > LOST_M * length).any():
        raise Crosses(*within, where=shapely.union_all(lines))
    return pieces


def _without_spare(pieces: list[Piece], known: set[Point], borders: Sequence[shapely.LineString]) -> list[Piece]:
    """Drop new vertices of old borders at which no new border begins: a line touched it, or ends inside."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for piece in pieces:
        for ring in shapely.get_rings(piece.shape):
            for start, end in segments_of(tuple(_points(ring))):
                beside[start].add(end)
                beside[end].add(start)
    single = sorted(point for point, others in beside.items() if len(others) == 2 and point not in known)
    away = shapely.distance(shapely.points(single), shapely.MultiLineString([*borders])) if single else np.zeros(0)
    spare = {point for point, far in zip(single, away.tolist(), strict=True) if far <= ROUNDED_DEGREES}
    return [piece._replace(shape=_without(piece.shape, spare)) for piece in pieces] if spare else pieces


def _without(shape: shapely.Polygon, spare: set[Point]) -> shapely.Polygon:
    rings = [[point for point in _points(ring) if point not in spare] for ring in shapely.get_rings(shape)]
    return shapely.Polygon(rings[0], rings[1:])


def _points(shape: BaseGeometry) -> Iterator[Point]:
    return ((x, y) for x, y in shapely.get_coordinates(shape).tolist())


@dataclass(frozen=True, slots=True)
class Redrawn:
    """Edges that are `gone` and `new` after some divisions were drawn anew."""

    gone: tuple[Edge, ...]
    new: tuple[Edge, ...]


def redraw(coverage: Coverage, codes: Iterable[str], drawn: Sequence[tuple[str, BaseGeometry]]) -> Redrawn:
    """Put `drawn` divisions in the place of those of `codes`. Together they must have the same land.

    Vertices that `drawn` has on the border towards others go into these, too. Raises `Crosses` where it overlaps.
    """
    within = set(codes)
    keys = {key for code in within for key in coverage.sides[code]}
    gone = {key: coverage.edges[key] for key in keys}
    shapes = [shape for _, shape in drawn]
    try:
        beyond = _divided(_beyond(within, gone.values()), shapes)
        new = edges_of([code for code, _ in drawn], shapes, beyond=beyond, nodes=_ends_left(coverage, gone.values()))
    except DoubledBorder:
        raise Crosses(*sorted(within), where=shapely.union_all(shapely.boundary(shapes))) from None
    made = {edge.key: edge for edge in new}
    return Redrawn(
        gone=tuple(edge for key, edge in sorted(gone.items()) if made.get(key) != edge),
        new=tuple(edge for key, edge in sorted(made.items()) if gone.get(key) != edge),
    )


def _beyond(within: set[str], edges: Iterable[Edge]) -> dict[Segment, Code]:
    """Return what lies right of each directed segment of the border around some divisions."""
    found: dict[Segment, Code] = {}
    for edge in edges:
        for code, other in (edge.sides, edge.sides[::-1]):
            if code in within and other not in within:
                assert code is not None
                found.update(dict.fromkeys(segments_of(edge.directed(code)), other))
    return found


def _divided(beyond: dict[Segment, Code], drawn: Sequence[BaseGeometry]) -> Mapping[Segment, Code]:
    """Add the halves of segments that `drawn` has new vertices on. Raises `DoubledBorder` if it has another border."""
    bare = _single(drawn)
    broken = beyond.keys() - bare
    onward: dict[Point, list[Point]] = defaultdict(list)
    for start, end in bare:
        if (start, end) not in beyond:
            onward[start].append(end)
    found = dict(beyond)
    for start, end in sorted(broken):
        for chain in _ways(start, end, onward):
            found.update(dict.fromkeys(segments_of(chain), beyond[start, end]))
            broken = broken - {(start, end)}
    if broken or not bare <= found.keys():
        raise DoubledBorder
    return found


def _single(drawn: Sequence[BaseGeometry]) -> set[Segment]:
    """Return the directed segments that have a polygon on their left only."""
    found: set[Segment] = set()
    for ring in shapely.get_rings(shapely.orient_polygons(shapely.get_parts(np.array(drawn, dtype=object)))):
        points = [(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
        found.update(segments_of(tuple(points)))
    return {(start, end) for start, end in found if (end, start) not in found}


def _ways(start: Point, end: Point, onward: Mapping[Point, list[Point]]) -> Iterator[tuple[Point, ...]]:
    """Yield the way from start to end by new segments that stay between both: at most one."""
    for first in onward.get(start, ()):
        chain = [start, first]
        while chain[-1] != end:
            following = [point for point in onward.get(chain[-1], ()) if _between(start, point, end)]
            if len(following) != 1 or len(chain) > len(onward) + 1:
                break
            chain.append(following[0])
        if chain[-1] == end and all(_between(start, point, end) for point in chain[1:]):
            yield tuple(chain)


def _between(start: Point, point: Point, end: Point) -> bool:
    """Return whether a point lies on a segment, but for rounding."""
    (x0, y0), (x, y), (x1, y1) = start, point, end
    across = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
    return abs(across) <= ROUNDED_DEGREES * max(abs(x1 - x0), abs(y1 - y0)) and (
        min(x0, x1) - ROUNDED_DEGREES <= x <= max(x0, x1) + ROUNDED_DEGREES
        and min(y0, y1) - ROUNDED_DEGREES <= y <= max(y0, y1) + ROUNDED_DEGREES
    )


def _ends_left(coverage: Coverage, gone: Iterable[Edge]) -> set[Point]:
    """Return the vertices at which other edges end, too."""
    left: dict[Point, int] = defaultdict(int)
    for edge in gone:
        for point in ends_of(edge):
            left[point] -= 1
    return {point for point, count in left.items() if coverage.ends[point] + count > 0}
