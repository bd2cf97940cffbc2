"""Made-up water: canals along the borders of villages, with a bridge here and there, and a lake with an isle."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import Polygon

from geo.coverage.edges import Edge, EdgeKey
from geo.coverage.edges import Point as Spot
from ingest.county.streets.land import Land

CANAL_CELLS = 1200
"""Cells for each canal."""
MOST_CANALS = 4
LEAST_CELLS = 24
"""A place with fewer cells has no water."""
ALONG = {"village": 1.2, "grid": 2.5, "micro_grid": 5.0}
"""How much longer a stretch of border counts for a canal, by level; 1 above."""
BANK_M = 8.0
"""From the middle of a canal to where streets end."""
BRIDGE_EVERY_M, BRIDGE_LEAST_M = 1600.0, 500.0
ISLE_LEAST_M2 = 120_000.0
SHORE, ISLE = 0.25, 0.12
"""Margins of a lake around its isle, outwards and inwards, by the side of the isle's cell."""


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake around one cell: its `shore` and the `isle` in it."""

    code: str
    shore: Polygon
    isle: Polygon


@dataclass(frozen=True, slots=True)
class Water:
    """Canals as lines from end to end, the borders and nodes that they lie on, and a lake if there is one.

    `bridges` are some of the nodes, with the cells that a bridge leads into where no street ends.
    """

    canals: tuple[tuple[Spot, ...], ...] = ()
    edges: frozenset[EdgeKey] = frozenset()
    nodes: frozenset[Spot] = frozenset()
    bridges: dict[Spot, tuple[str, ...]] = field(default_factory=dict)
    lake: Lake | None = None


def lay_water(land: Land, *, rng: np.random.Generator) -> Water:
    """Draw the water of a place; a small one has none."""
    if len(land.cells) < LEAST_CELLS:
        return Water()
    paths = [*_canals(land, rng=rng)]
    edges = frozenset(edge.key for path in paths for edge in path)
    nodes = frozenset(end for path in paths for edge in path for end in (edge.line[0], edge.line[-1]))
    lines = tuple(_joined(path) for path in paths)
    bridges = {at: across for line in lines for at, across in _bridges(land, line, edges)}
    return Water(lines, edges, nodes, bridges, _lake(land, edges))


def _canals(land: Land, *, rng: np.random.Generator) -> Iterator[list[Edge]]:
    """Yield the borders of each canal in order, from one side of the place to the other."""
    ways = _Ways.of(land)
    ends = [i for i, spot in enumerate(ways.spots) if spot in land.rim]
    if not ends:
        return
    at = land.plane.to_metres([ways.spots[i] for i in ends])
    turn = rng.uniform(0, np.pi)
    for nth in range(min(MOST_CANALS, 1 + len(land.cells) // CANAL_CELLS)):
        angle = turn + nth * np.pi / 2
        aside = (nth // 2) * at.std(axis=0).mean()
        along, across = at @ (np.cos(angle), np.sin(angle)), at @ (-np.sin(angle), np.cos(angle)) - aside
        start = ends[int(np.argmax(along - np.abs(across)))]
        if path := ways.cheapest(start, dict(zip(ends, (-along - np.abs(across)).tolist(), strict=True))):
            yield path


@dataclass(frozen=True, slots=True)
class _Ways:
    """Ways along borders that prefer those of villages and towns: the nodes, and the cheapest edge of each pair."""

    spots: list[Spot]
    edges: dict[tuple[int, int], Edge]
    graph: csr_array

    @classmethod
    def of(cls, land: Land) -> "_Ways":
        spots = [*land.meeting]
        number = {spot: i for i, spot in enumerate(spots)}
        best: dict[tuple[int, int], tuple[float, Edge]] = {}
        for edge in land.inner:
            one, other = sorted((number[edge.line[0]], number[edge.line[-1]]))
            cost = land.metres(edge.line) * ALONG.get(land.apart(edge)[0], 1.0)
            if one != other and cost < best.get((one, other), (np.inf, edge))[0]:
                best[one, other] = cost, edge
        rows, columns = np.array([*best]).T
        costs = np.array([cost for cost, _ in best.values()])
        graph = coo_array((costs, (rows, columns)), shape=(len(spots), len(spots))).tocsr()
        return cls(spots, {pair: edge for pair, (_, edge) in best.items()}, graph)

    def cheapest(self, start: int, ends: Mapping[int, float]) -> list[Edge]:
        """Return the edges of the way to the best of the ends that can be reached, in order."""
        apart, before = dijkstra(self.graph, directed=False, indices=start, return_predecessors=True)
        at = max((end for end in ends if np.isfinite(apart[end])), key=ends.__getitem__)
        way = [at]
        while at != start:
            at = int(before[at])
            way.append(at)
        return [self.edges[min(pair), max(pair)] for pair in pairwise(way)]


def _joined(path: Sequence[Edge]) -> tuple[Spot, ...]:
    """Return the line along edges in order."""
    if len(path) == 1:
        return path[0].line
    first, second = path[0], path[1]
    line = [*(first.line if first.line[-1] in (second.line[0], second.line[-1]) else first.line[::-1])]
    for edge in path[1:]:
        line += edge.line[1:] if edge.line[0] == line[-1] else edge.line[-2::-1]
    return tuple(line)


def _bridges(land: Land, canal: Sequence[Spot], edges: frozenset[EdgeKey]) -> Iterator[tuple[Spot, tuple[str, ...]]]:
    """Yield bridges along a canal: where a larger street ends at it, and at the latest every so many metres."""
    since = BRIDGE_EVERY_M / 2
    for before, at in pairwise(canal):
        since += land.metres((before, at))
        streets = [edge for edge in land.meeting.get(at, ()) if edge.key not in edges]
        if not streets or at in land.rim or since < BRIDGE_LEAST_M:
            continue
        is_larger = any(land.apart(edge)[0] not in ("grid", "micro_grid") for edge in streets)
        across = _across(land, at, streets)
        if (is_larger or since > BRIDGE_EVERY_M) and (len(streets) > 1 or across):
            since = 0.0
            yield at, across


def _across(land: Land, at: Spot, streets: Sequence[Edge]) -> tuple[str, ...]:
    """Return the cells at a node that none of its streets runs along, and whose middle is in sight."""
    beside = {code for edge in streets for code in edge.sides}
    around = dict.fromkeys(code for edge in land.meeting[at] for code in edge.sides)
    return tuple(code for code in around if code and code not in beside and land.sees(code, (at, land.middle(code))))


def _lake(land: Land, canals: frozenset[EdgeKey]) -> Lake | None:
    """Draw a lake around the largest cell that is far from canals, from the outline and from where people are."""
    seats = [land.seat(one.code) for one in land.named.values() if one.level == "town"]
    wet = {*land.beside(canals), *land.on_rim}
    for code in sorted(land.cells, key=lambda one: (-land.areas[one], one)):
        if land.areas[code] < ISLE_LEAST_M2:
            break
        whole = land.with_neighbours(code)
        if wet.isdisjoint(whole) and (lake := _around(land, code)):
            kept_dry = shapely.points([*map(land.middle, whole[1:]), *seats])
            if not shapely.intersects(lake.shore, kept_dry).any():
                return lake
    return None


def _around(land: Land, code: str) -> Lake | None:
    side = float(np.sqrt(land.areas[code]))
    shore = land.grown(land.cells[code].polygon, SHORE * side)
    isle = land.ring(code, ISLE * side)
    return Lake(code, shore, isle) if isinstance(shore, Polygon) and isle is not None else None
