"""Draw a made-up county's streets along its lines, so that its grids end at streets and water, as real ones do."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString

from geo.coverage.edges import Edge
from geo.coverage.edges import Point as Spot
from ingest.county.streets.closed import Quarter, isle_streets, wall_quarter
from ingest.county.streets.land import Land
from ingest.county.streets.net import connected, with_main_roads
from ingest.county.streets.street import KMH, Street
from ingest.county.streets.water import BANK_M, Water

SPARSE_M2 = 150_000.0
"""Cells larger than this are not built up."""
SHORTEST_M = 15.0
THROUGH = -0.2
"""Cosine of the angle from which a lane leads across a cell, rather than back to where it came from."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """All that is drawn. The streets are connected, but for those of the isle."""

    streets: tuple[Street, ...]
    water: Water
    quarter: Quarter | None


def draw_streets(land: Land, water: Water) -> Drawn:
    """Draw streets along borders, bridges, a lane through each cell, a quarter with one gate, and an isle's streets."""
    quarter = wall_quarter(land, water)
    along = [*_along(land, water)]
    bridges = [*_bridges(land, water)]
    without = {one.code for one in (quarter, water.lake) if one}
    lanes = _lanes(land, water, along, without=without)
    streets = [*(street for _, street in along), *bridges, *lanes, *(quarter.streets if quarter else ())]
    main = with_main_roads(land, connected(land, streets))
    return Drawn((*main, *isle_streets(land, water)), water, quarter)


def _along(land: Land, water: Water) -> Iterator[tuple[Edge, Street]]:
    """Yield the streets along the borders on dry land."""
    for edge in land.inner:
        if edge.key not in water.edges:
            level, between = land.apart(edge)
            for line in _dry(land, edge, water):
                yield edge, Street(line, _class_of(land, edge), level, between)


def _class_of(land: Land, edge: Edge) -> str:
    """Return the class of the street along a border: secondary around towns and above, tertiary around villages."""
    level, _ = land.apart(edge)
    if level == "village":
        return "tertiary"
    if level not in ("grid", "micro_grid"):
        return "secondary"
    is_sparse = all(land.areas[code] > SPARSE_M2 for code in edge.sides if code)
    return "unclassified" if is_sparse else "residential"


def _dry(land: Land, edge: Edge, water: Water) -> Iterator[tuple[Spot, ...]]:
    """Yield what is left of a border that ends at the bank of a canal and at the shore of the lake."""
    line = edge.line
    if line[0] in water.nodes:
        line = (land.towards(line[0], line[1], BANK_M), *line[1:])
    if line[-1] in water.nodes:
        line = (*line[:-1], land.towards(line[-1], line[-2], BANK_M))
    if water.lake is None or not water.lake.shore.intersects(whole := LineString(line)):
        yield line
        return
    for part in shapely.get_parts(whole.difference(water.lake.shore)):
        if not part.is_empty and land.metres(part.coords) > SHORTEST_M:
            yield tuple((lon, lat) for lon, lat in part.coords)


def _bridges(land: Land, water: Water) -> Iterator[Street]:
    """Yield each bridge from bank to bank, and the streets from there to the middles of the cells across."""
    for at, across in water.bridges.items():
        edges = [edge for edge in land.meeting[at] if edge.key not in water.edges]
        kind = min((_class_of(land, edge) for edge in edges), key=[*KMH].index)
        level, between = land.apart(edges[0])
        banks = [land.towards(at, edge.line[1] if edge.line[0] == at else edge.line[-2], BANK_M) for edge in edges]
        for code in across:
            middle = land.middle(code)
            banks.append(land.towards(at, middle, BANK_M))
            yield Street((banks[-1], middle), kind, level, between)
        for bank in banks[1:]:
            yield Street((banks[0], at, bank), kind, level, between, bridge=True)


def _lanes(land: Land, water: Water, along: Sequence[tuple[Edge, Street]], *, without: set[str]) -> Iterator[Street]:
    """Yield a lane through the middle of each cell, from one of its streets to another, or only to its middle."""
    beside: dict[str, dict[Spot, None]] = defaultdict(dict)
    for edge, street in along:
        for code in edge.sides:
            beside[code or ""].update(dict.fromkeys(street.line))
    for code in land.cells:
        line = [] if code in without else _through(land, water, code, [*beside[code]])
        if len(line) > 1:
            yield Street(tuple(line), "service", land.levels[-1], (code, code))


def _through(land: Land, water: Water, code: str, spots: Sequence[Spot]) -> list[Spot]:
    """Return the line of a cell's lane: from the nearest point of a street to the middle, and on to the one across."""
    middle = land.middle(code)
    if not spots:
        return []
    off = land.plane.to_metres(spots) - land.plane.to_metres([middle])
    apart = np.hypot(*off.T)
    ends: list[int] = []
    for i in np.argsort(apart, kind="stable").tolist():
        if ends and off[i] @ off[ends[0]] > THROUGH * apart[i] * apart[ends[0]]:
            continue
        if apart[i] and land.sees(code, (spots[i], middle), off=water.lake.shore if water.lake else None):
            ends.append(i)
        if len(ends) > 1:
            break
    line = [spots[i] for i in ends]
    return [*line[:1], middle, *line[1:]]
