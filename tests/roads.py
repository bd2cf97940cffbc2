"""Roads for tests: OpenStreetMap files of a few ways, and graphs built from them."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import osmium
import pytest

from api.intake.roads import build_roads
from geo.travel import distance_m
from layers.roads.engines import EmbeddedEngine, installed
from layers.roads.graph import Graph, GraphInfo, graph_file
from layers.roads.rules import Place
from tests.worlds import LAT, LON, SIDE

BUILT = datetime(2026, 3, 1, tzinfo=UTC)
STEP = SIDE / 4
ACROSS = 17
"""Streets in each direction over the four sides of the county."""
CANAL = LON + STEP * (ACROSS // 2 + 0.5)
"""How far east the canal runs that cuts the county."""
ISLE = (LON + 5 * SIDE, LAT)
Street = tuple[Mapping[str, str], Sequence[int]]
"""Tags and the numbers of the points of a way."""


def needs_library() -> None:
    """Skip, saying so, where this Python has no road library."""
    if installed() is None:
        pytest.skip("no road library for this Python")


def write_roads(
    path: Path, points: Mapping[int, Place], streets: Sequence[Street], *, ways_first: bool = False
) -> Path:
    """Write a file as OpenStreetMap's are: points, then ways, ascending, unless `ways_first`."""
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        steps = [_write_points, _write_streets]
        for step in reversed(steps) if ways_first else steps:
            step(writer, points, streets)
    return path


def _write_points(writer: osmium.SimpleWriter, points: Mapping[int, Place], streets: Sequence[Street]) -> None:
    for number, place in sorted(points.items()):
        writer.add_node(osmium.osm.mutable.Node(id=number, version=1, location=place))


def _write_streets(writer: osmium.SimpleWriter, points: Mapping[int, Place], streets: Sequence[Street]) -> None:
    for number, (tags, along) in enumerate(streets, start=1):
        writer.add_way(osmium.osm.mutable.Way(id=number, version=1, tags=dict(tags), nodes=list(along)))


def street_grid(
    west: float, south: float, *, columns: int, rows: int, step: float, first: int = 1
) -> tuple[dict[int, Place], list[Street]]:
    """Make residential streets along a lattice. Points are numbered row by row from `first`."""
    points = {
        first + row * columns + column: (west + step * column, south + step * row)
        for row in range(rows)
        for column in range(columns)
    }
    return points, [*_lattice(columns, rows, first)]


def _lattice(columns: int, rows: int, first: int) -> Iterator[Street]:
    tags = {"highway": "residential"}
    for row in range(rows):
        yield tags, [first + row * columns + column for column in range(columns)]
    for column in range(columns):
        yield tags, [first + row * columns + column for row in range(rows)]


def county_streets() -> tuple[dict[int, Place], list[Street]]:
    """Streets over the whole county, cut by a canal from south to north with one bridge in the far north."""
    points, streets = street_grid(LON, LAT, columns=ACROSS, rows=ACROSS, step=STEP)
    west = ACROSS // 2
    cut: list[Street] = []
    for tags, along in streets:
        rows = {(number - 1) // ACROSS for number in along}
        if len(rows) == 1 and rows != {ACROSS - 1}:
            cut += [(tags, along[: west + 1]), (tags, along[west + 1 :])]
        else:
            cut.append((tags, along))
    isle, of_isle = street_grid(*ISLE, columns=2, rows=2, step=0.001, first=1001)
    return points | isle, cut + of_isle


def built(file: Path, folder: Path) -> GraphInfo:
    """Build a graph of a file in a folder."""
    return build_roads(file, folder, grids=(), now=BUILT)


def graph_of(folder: Path, info: GraphInfo) -> Graph:
    """Open a graph, with threads that end with the process."""
    engine = EmbeddedEngine(graph_file(folder, info.version))
    return Graph(engine, ThreadPoolExecutor(4, thread_name_prefix="roads"), info)


def metres_along(line: Sequence[Place]) -> float:
    """Length of a line."""
    return sum(distance_m(*a, *b) for a, b in pairwise(line))
