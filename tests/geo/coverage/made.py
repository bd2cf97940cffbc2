"""Small coverages for tests: a county of squares, a county of drawn cells, and real lines."""

from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import Polygon, box

from geo.coverage.building import build_coverage
from geo.coverage.divisions import Division
from geo.coverage.topology import Coverage
from geo.plane import Plane
from geo.regions import CellGraph, divide
from geo.tiling import borders, centres, scatter, tile
from tests.shared import shared_data

LEVELS = ("county", "town", "village", "grid", "micro_grid")
X, Y, D = 120.6, 31.0, 0.002
"""South-western corner of the squares, and the side of each: 191 by 222 metres."""
DIGITS = {"county": 0, "town": 3, "village": 3, "grid": 3, "micro_grid": 2}
Shapes = dict[str, Polygon]


def at(east: float, north: float) -> tuple[float, float]:
    """A place in squares from the south-western corner."""
    return X + east * D, Y + north * D


def square(east: float, north: float, wide: float = 1, high: float = 1) -> Polygon:
    return box(*at(east, north), *at(east + wide, north + high))


@cache
def squares() -> Coverage:
    """4 × 4 micro-grids in 4 grids of 2 × 2, in a western and an eastern village, each in a town of its own.

    Micro-grids count from the south-western one of their grid: `micro(0, 0)` to `micro(3, 3)`.
    """
    divisions, shapes = [Division("320509", "county", "county", None)], Shapes()
    for side, town in enumerate(("320509001", "320509002")):
        village = f"{town}001"
        divisions += [Division(town, f"town {side}", "town", "320509"), Division(village, f"v {side}", "village", town)]
        for row in range(2):
            grid = f"{village}{row + 1:03}"
            divisions.append(Division(grid, f"grid {side}{row}", "grid", village))
            for number in range(4):
                east, north = 2 * side + number % 2, 2 * row + number // 2
                code = f"{grid}{number + 1:02}"
                divisions.append(Division(code, f"m{east}{north}", "micro_grid", grid))
                shapes[code] = square(east, north)
    return build_coverage(divisions, shapes, levels=LEVELS)


def grid(side: int, row: int) -> str:
    return f"{village(side)}{row + 1:03}"


def village(side: int) -> str:
    return f"320509{side + 1:03}001"


def town(side: int) -> str:
    return f"320509{side + 1:03}"


def micro(east: int, north: int) -> str:
    return f"{grid(east // 2, north // 2)}{east % 2 + 2 * (north % 2) + 1:02}"


@cache
def drawn_county(cells: int = 60, seed: int = 5) -> Coverage:
    """Cells with borders as if drawn by hand, grouped into grids, villages, towns and a county."""
    outline, rng = box(120.6, 31.0, 120.66, 31.05), np.random.default_rng(seed)
    plane = Plane.at(outline)
    points = scatter(outline, plane, count=cells, density=lambda p: np.ones(len(p)), rng=rng)
    shapes = tile(outline, points, plane, rng=rng)
    land = CellGraph.of(centres(shapes, plane), np.ones(cells), borders(shapes))
    divisions, drawn = [Division("320509", "county", "county", None)], Shapes()

    def fill(parent: Division, members: Any, levels: tuple[str, ...]) -> None:
        level, *rest = levels
        count = len(members) if not rest else min(2, len(members))
        groups = divide(land.part(members), np.ones(count), rng=rng) if count > 1 else np.zeros(len(members), int)
        for number in range(count):
            code = f"{parent.code}{number + 1:0{DIGITS[level]}}"
            division = Division(code, f"{level} {code[6:]}", level, parent.code)
            divisions.append(division)
            if rest:
                fill(division, members[groups == number], tuple(rest))
            else:
                drawn[code] = shapes[int(members[groups == number][0])]

    fill(divisions[0], np.arange(cells), LEVELS[1:])
    return build_coverage(divisions, drawn, levels=LEVELS)


REAL = {
    "chicago": ("city_boundaries.gpkg", "chicago_police_districts", "Name"),
    "san francisco": ("city_boundaries.gpkg", "sf_analysis_neighborhoods", "nhood"),
    "dali": ("cn_towns_dali_sample.gpkg", "towns_wgs84", "code9"),
}


@cache
def real(place: str, *, limit_m: float = 0.02) -> Coverage:
    """Real lines as one grid each, below one county; skips where the data is not there."""
    frame = frame_of(place)
    top = Division("top", place, "county", None)
    shapes = dict(zip(codes_of(place), frame.geometry, strict=True))
    below = [Division(code, code, "grid", "top") for code in shapes]
    return build_coverage([top, *below], shapes, levels=("county", "grid"), limit_m=limit_m)


def frame_of(place: str) -> Any:
    file, layer, _ = REAL[place]
    return gpd.read_file(shared_data(file), layer=layer)


def codes_of(place: str) -> list[str]:
    names = frame_of(place)[REAL[place][2]].astype(str)
    return [f"g{i:02}_{''.join(c for c in name if c.isalnum())[:20]}" for i, name in enumerate(names)]


def land_is_whole(coverage: Coverage) -> bool:
    """Whether the finest divisions together are as large as the land that the coverage was built on."""
    area = float(shapely.area(coverage.polygons).sum())
    return abs(area - coverage.outer.area) * coverage.plane.scale.prod() < 1e-3
