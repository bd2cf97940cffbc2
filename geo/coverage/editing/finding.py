"""Find divisions, vertices and edges of a coverage by what an operation names: codes, and places in degrees."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import shapely

from geo.coverage.divisions import Division
from geo.coverage.edges import Edge, Point
from geo.coverage.refusals import AcrossParents, NothingThere, UnknownCode, WrongLevel
from geo.coverage.topology import Coverage

REACH_M = 0.05
"""How near a place must be to a vertex or border to mean it, unless the operation says: rounding and conversions leave
less. A screen sends what some pixels are."""


class Found(NamedTuple):
    """A place on an edge, after its vertex `at`, or at it if `is_vertex`."""

    edge: Edge
    at: int
    is_vertex: bool

    @property
    def vertex(self) -> Point:
        return self.edge.line[self.at]


def division_of(coverage: Coverage, code: str) -> Division:
    """Return the division of a code, or raise `UnknownCode`."""
    if code not in coverage.divisions:
        raise UnknownCode(code)
    return coverage.divisions[code]


def siblings(coverage: Coverage, codes: Iterable[str]) -> list[Division]:
    """Return divisions that have the same level and parent; raises `WrongLevel` or `AcrossParents` if they have not."""
    found = [division_of(coverage, code) for code in codes]
    if len({one.level for one in found}) > 1:
        raise WrongLevel(*(one.code for one in found), wanted=found[0].level)
    parents = sorted({one.parent or "" for one in found})
    if len(parents) > 1:
        where = shapely.MultiPolygon([part for one in found for part in shapely.get_parts(coverage.outline(one.code))])
        raise AcrossParents(*(one.code for one in found), parents=parents, where=where)
    return found


def vertex_at(coverage: Coverage, place: Point, *, reach_m: float) -> Point | None:
    """Return the vertex nearest to a place, if it is within reach."""
    return nearest_point(
        coverage, place, (p for edge in _edges_near(coverage, place, reach_m) for p in edge.line), reach_m
    )


def nearest_point(coverage: Coverage, place: Point, points: Iterable[Point], reach_m: float) -> Point | None:
    """Return the nearest of some points, the smallest of several, if it is within reach."""
    known = sorted(set(points))
    if not known:
        return None
    away = np.hypot(*((np.array(known) - place) * coverage.plane.scale).T)
    nearest = int(away.argmin())
    return known[nearest] if away[nearest] <= reach_m else None


def place_at(coverage: Coverage, place: Point, *, reach_m: float) -> Found:
    """Return the vertex or edge at a place: a vertex within reach comes before an edge. Raises `NothingThere`."""
    edges = sorted(_edges_near(coverage, place, reach_m), key=lambda edge: edge.key)
    point = nearest_point(coverage, place, (p for edge in edges for p in edge.line), reach_m)
    if point is not None:
        edge = next(edge for edge in edges if point in edge.line)
        return Found(edge, edge.line.index(point), is_vertex=True)
    best = min(_distances(coverage, place, edges), default=None, key=lambda found: found[0])
    if best is None or best[0] > reach_m:
        raise NothingThere(where=shapely.Point(place), reach_m=reach_m)
    return Found(edges[best[1]], best[2], is_vertex=False)


def _edges_near(coverage: Coverage, place: Point, reach_m: float) -> Iterator[Edge]:
    keys = {key for code in coverage.finest_near(shapely.Point(place), metres=reach_m) for key in coverage.sides[code]}
    return (coverage.edges[key] for key in keys)


def _distances(coverage: Coverage, place: Point, edges: list[Edge]) -> Iterator[tuple[float, int, int]]:
    """Yield the distance of each edge's nearest segment in metres, with the edge's number and the segment's."""
    for number, edge in enumerate(edges):
        line = (np.array(edge.line) - place) * coverage.plane.scale
        start, way = line[:-1], np.diff(line, axis=0)
        share = np.clip(-(start * way).sum(axis=1) / (way * way).sum(axis=1), 0, 1)
        away = np.hypot(*(start + way * share[:, None]).T)
        yield float(away.min()), number, int(away.argmin())


def edges_with(coverage: Coverage, vertex: Point) -> list[Edge]:
    """Return all edges that have a vertex, whether they end there or not."""
    return sorted(
        (edge for edge in _edges_near(coverage, vertex, REACH_M) if vertex in edge.line), key=lambda edge: edge.key
    )


def edges_between(coverage: Coverage, one: str, other: str) -> list[Edge]:
    """Return the edges that two of the finest divisions share."""
    return [edge for edge in coverage.edges_around(one) if edge.beyond(one) == other]
