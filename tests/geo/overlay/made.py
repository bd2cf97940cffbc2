"""A made town and sector networks over it, drawn as other offices draw them, with disagreements that are known.

The town's grids are Voronoi cells of about 300 m. A network begins as the same cells with every corner moved by up to
1.5 m, the same corner alike; then each disagreement is drawn in at places that lie apart.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from random import Random

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.overlay.disagreements import Disagreement

SIDE_M, CELLS, DIGITISED_M = 2000.0, 49, 1.5
Known = tuple[str, tuple[str, ...], tuple[str, ...]]
"""A disagreement's kind, areas and grids."""


def made_town(seed: int = 1) -> dict[str, BaseGeometry]:
    """Grids of a town, in metres, by code."""
    random = Random(seed)
    side, step = int(CELLS**0.5), SIDE_M / CELLS**0.5
    spread = [
        (x + random.uniform(0.25, 0.75), y + random.uniform(0.25, 0.75)) for x in range(side) for y in range(side)
    ]
    seeds = shapely.MultiPoint(np.array(spread) * step)
    town = shapely.box(0, 0, SIDE_M, SIDE_M)
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=town))
    shapes = sorted(shapely.intersection(cells, town), key=lambda cell: (cell.centroid.x, cell.centroid.y))
    return {f"g{i:02}": shape for i, shape in enumerate(shapes)}


def digitised(shapes: Mapping[str, BaseGeometry], random: Random) -> dict[str, BaseGeometry]:
    """Draw borders anew: each corner moves, alike for all that meet there."""
    moved: dict[tuple[float, float], tuple[float, float]] = {}

    def place(vertex: tuple[float, float]) -> tuple[float, float]:
        key = (round(vertex[0], 3), round(vertex[1], 3))
        by = moved.setdefault(key, (random.uniform(-1, 1) * DIGITISED_M, random.uniform(-1, 1) * DIGITISED_M))
        return vertex[0] + by[0] / 2**0.5, vertex[1] + by[1] / 2**0.5

    def drawn(vertices: np.ndarray) -> np.ndarray:
        return np.array([place((x, y)) for x, y in vertices.tolist()])

    return {code: shapely.transform(shape, drawn) for code, shape in shapes.items()}


@dataclass
class Network:
    """A network in the making: areas named after the grids that they are drawn as, and what was put wrong."""

    grids: Mapping[str, BaseGeometry]
    areas: dict[str, BaseGeometry]
    known: set[Known] = field(default_factory=set)

    def neighbour(self, grid: str) -> str:
        """The grid that has the longest border with one."""
        shapes = tuple(self.grids.values())
        return [*self.grids][_neighbours(shapes)[[*self.grids].index(grid)]]

    def take(self, area: str, other: str, land: BaseGeometry) -> None:
        """Give land of one area to another."""
        self.areas[other] = self.areas[other].difference(land)
        self.areas[area] = self.areas[area].union(land.buffer(0.001))

    def leave_out(self, grid: str) -> None:
        del self.areas[name(grid)]
        self.known.add((Disagreement.GAP, (), (grid,)))

    def overlap(self, grid: str) -> None:
        other = self.neighbour(grid)
        strip = self.areas[name(other)].intersection(self.areas[name(grid)].buffer(90))
        self.areas[name(grid)] = self.areas[name(grid)].union(strip)
        self.known.add((Disagreement.OVERLAP, ordered(name(grid), name(other)), (other,)))

    def reach_out(self, grid: str) -> None:
        """A grid at the edge reaches beyond the town."""
        town = shapely.union_all([*self.grids.values()])
        beyond = self.areas[name(grid)].buffer(60).difference(town)
        self.areas[name(grid)] = self.areas[name(grid)].union(beyond)
        self.known.add((Disagreement.OUTSIDE, (name(grid),), ()))

    def cut(self, grid: str) -> None:
        other = self.neighbour(grid)
        near = self.areas[name(other)].intersection(self.areas[name(grid)].buffer(110))
        self.take(name(grid), name(other), near)
        self.known.add((Disagreement.CUT, (name(grid),), (other,)))

    def shift(self, grid: str) -> None:
        other = self.neighbour(grid)
        self.take(name(grid), name(other), self.areas[name(other)].intersection(self.areas[name(grid)].buffer(20)))
        self.known.add((Disagreement.BORDER, (name(grid),), (other,)))

    def unite(self, grid: str) -> None:
        other = self.neighbour(grid)
        self.areas[name(grid)] = self.areas[name(grid)].union(self.areas.pop(name(other)).buffer(0.001))
        self.known.add((Disagreement.SEVERAL_GRIDS, (name(grid),), ordered(grid, other)))

    def divide(self, grid: str) -> None:
        shape = self.areas[name(grid)]
        half = shapely.box(shape.centroid.x, -SIDE_M, 2 * SIDE_M, 2 * SIDE_M)
        self.areas[name(grid)], self.areas[f"{name(grid)}_east"] = shape.difference(half), shape.intersection(half)
        self.known.add((Disagreement.GRID_DIVIDED, ordered(name(grid), f"{name(grid)}_east"), (grid,)))


FAULTS: Mapping[str, Callable[[Network, str], None]] = {
    Disagreement.GAP: Network.leave_out,
    Disagreement.OVERLAP: Network.overlap,
    Disagreement.OUTSIDE: Network.reach_out,
    Disagreement.CUT: Network.cut,
    Disagreement.BORDER: Network.shift,
    Disagreement.SEVERAL_GRIDS: Network.unite,
    Disagreement.GRID_DIVIDED: Network.divide,
}


def name(grid: str) -> str:
    return f"a{grid[1:]}"


def ordered(*codes: str) -> tuple[str, ...]:
    return tuple(sorted(codes))


@cache
def _neighbours(shapes: tuple[BaseGeometry, ...]) -> list[int]:
    """The row of the shape that has the longest border with each."""
    return [
        max((i for i in range(len(shapes)) if i != at), key=lambda i: shapes[i].intersection(shape).length)
        for at, shape in enumerate(shapes)
    ]


def made_network(grids: Mapping[str, BaseGeometry], *, seed: int, faults: int) -> Network:
    """Draw a network over grids with so many disagreements, of all kinds in turn, at places that lie apart."""
    random = Random(seed)
    network = Network(grids, {name(grid): shape for grid, shape in digitised(grids, random).items()})
    kinds = [*FAULTS]
    random.shuffle(kinds)
    for i, grid in zip(range(faults), _apart(network, random, kinds), strict=False):
        FAULTS[kinds[i % len(kinds)]](network, grid)
    return network


def _apart(network: Network, random: Random, kinds: list[str]) -> Iterator[str]:
    """Yield grids whose neighbours are not used by what was drawn before, at the edge where the next kind needs it."""
    town = shapely.union_all([*network.grids.values()])
    free = sorted(network.grids)
    random.shuffle(free)
    used: list[BaseGeometry] = []
    drawn = 0
    while free:
        at_edge = kinds[drawn % len(kinds)] == Disagreement.OUTSIDE
        fitting = [code for code in free if not at_edge or network.grids[code].intersection(town.boundary).length > 100]
        fitting = [code for code in fitting if all(_site(network, code).distance(other) > 1 for other in used)]
        if not fitting:
            return
        free.remove(fitting[0])
        used.append(_site(network, fitting[0]))
        drawn += 1
        yield fitting[0]


def _site(network: Network, grid: str) -> BaseGeometry:
    """The land that a disagreement at a grid may change."""
    return network.grids[grid].union(network.grids[network.neighbour(grid)])
