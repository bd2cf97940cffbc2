"""Cut divisions that have nothing below into cells, so that land can change hands where no micro-grids do."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.building import coverage_of
from geo.coverage.divisions import Division
from geo.coverage.edges import edges_of
from geo.coverage.editing.drafting import Piece, cut
from geo.coverage.refusals import Crosses
from geo.coverage.topology import Coverage

CELL = "cell"
"""Level of the cells."""
FRAGMENT = 0.3
"""Share of a cell's area below which a piece goes with the neighbour that it has most border with."""
OFFSETS = (0.37, 0.61, 0.13)
"""Where the lattice begins, in cells: another place is tried where its lines run too close beside a border."""


def with_cells(coverage: Coverage, codes: Sequence[str], *, of_each: int) -> Coverage:
    """Return the coverage of divisions, their land cut into some `of_each` square cells, and of all above them.

    Each cell is a division of the level `CELL` below the one it was cut from. Raises `Crosses`.
    """
    areas = [coverage.plane.area_m2(coverage.shapes[code]) for code in codes]
    side_m = float(np.sqrt(np.median(areas) / of_each))
    pieces = _cut(coverage, codes, side_m)
    names = _named(coverage, pieces, least_m2=FRAGMENT * side_m**2)
    parts: dict[str, list[BaseGeometry]] = {}
    for name, piece in zip(names, pieces, strict=True):
        parts.setdefault(name, []).append(piece.shape)
    shapes = {name: shapely.coverage_union_all(own) if len(own) > 1 else own[0] for name, own in parts.items()}
    of = {name: piece.of for name, piece in zip(names, pieces, strict=True)}
    cells = [Division(name, name, CELL, of[name]) for name in sorted(shapes)]
    levels = (*coverage.levels[: coverage.levels.index(coverage.divisions[codes[0]].level) + 1], CELL)
    kept = coverage.tree.with_above(codes)
    return coverage_of([*(coverage.divisions[code] for code in kept), *cells], shapes, levels=levels)


def _cut(coverage: Coverage, codes: Sequence[str], side_m: float) -> list[Piece]:
    box = shapely.bounds(shapely.GeometryCollection([coverage.shapes[code] for code in codes]))
    for offset in OFFSETS:
        try:
            return cut(coverage, codes, [*_lattice(box.tolist(), (side_m / coverage.plane.scale).tolist(), offset)])
        except Crosses as refused:
            last = refused
    raise last


def _lattice(box: Sequence[float], side: Sequence[float], offset: float) -> Iterator[shapely.LineString]:
    """Yield lines from border to border of a box, a cell apart."""
    west, south, east, north = box
    for x in np.arange(west + offset * side[0], east, side[0]).tolist():
        yield shapely.LineString([(x, south - side[1]), (x, north + side[1])])
    for y in np.arange(south + offset * side[1], north, side[1]).tolist():
        yield shapely.LineString([(west - side[0], y), (east + side[0], y)])


def _named(coverage: Coverage, pieces: Sequence[Piece], *, least_m2: float) -> list[str]:
    """Name each piece after its division; a fragment gets the name of a neighbour there."""
    count = Counter[str]()
    names = []
    for piece in pieces:
        count[piece.of] += 1
        names.append(f"{piece.of}_{count[piece.of]}")
    of = dict(zip(names, (piece.of for piece in pieces), strict=True))
    areas = dict(zip(names, (coverage.plane.area_m2(piece.shape) for piece in pieces), strict=True))
    shared = _shared(coverage, names, pieces)
    into: dict[str, str] = {}
    for name in sorted(names, key=lambda name: areas[name]):
        beside = {other: metres for other, metres in shared.get(name, {}).items() if of[other] == of[name]}
        beside = {_end(into, other): metres for other, metres in beside.items() if _end(into, other) != name}
        if areas[name] < least_m2 and beside:
            target = max(sorted(beside), key=lambda other: beside[other])
            into[name] = target
            areas[target] += areas[name]
    return [_end(into, name) for name in names]


def _end(into: Mapping[str, str], name: str) -> str:
    while name in into:
        name = into[name]
    return name


def _shared(coverage: Coverage, names: Sequence[str], pieces: Sequence[Piece]) -> dict[str, dict[str, float]]:
    """Return the metres of border that pieces share."""
    found: dict[str, dict[str, float]] = {}
    for edge in edges_of(names, [piece.shape for piece in pieces]):
        if edge.left is not None and edge.right is not None:
            metres = coverage.plane.flatten(shapely.LineString(edge.line)).length
            for one, other in (edge.sides, edge.sides[::-1]):
                around = found.setdefault(one or "", {})
                around[other or ""] = around.get(other or "", 0.0) + metres
    return found
