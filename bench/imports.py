"""Time to read and mend a file of grids whose borders were drawn twice: 5,337 grids with slivers of 3 cm.

Usage: python -m bench.imports [--grids 5337] [--slivers 0.03] [--repair 0.1]. Needs no database: what is measured is
reading the file and mending it, each in its own process as in an import; storing the rows afterwards takes a second.
"""

import argparse
import resource
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import geopandas as gpd
import numpy as np
import shapely
from shapely import Polygon

from geo.datum import Datum
from geo.plane import Plane
from geo.tiling import scatter, tile
from ingest.files.grids import ExistingDivisions, check_grids
from ingest.files.mapping import Options
from ingest.files.reading import read_table

REACH_S = 15.0
OUTLINE = shapely.box(120.4, 30.8, 120.9, 31.2)


def drawn_twice(count: int, *, slivers: float) -> list[Polygon]:
    """Tile a county-sized square, and move each cell's vertices by itself, by half of `slivers` metres at most."""
    plane, rng = Plane.at(OUTLINE), np.random.default_rng(3)
    points = scatter(OUTLINE, plane, count=count, density=lambda p: np.ones(len(p)), rng=rng)
    cells = tile(OUTLINE, points, plane, rng=rng)
    return [_moved(cell, plane, rng=rng, by=slivers / 2) for cell in cells]


def _moved(cell: Polygon, plane: Plane, *, rng: np.random.Generator, by: float) -> Polygon:
    ring = plane.to_metres(shapely.get_coordinates(cell.exterior)[:-1])
    moved = Polygon(plane.to_degrees(ring + rng.uniform(-by, by, ring.shape)))
    return moved if moved.is_valid else moved.buffer(0)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--grids", type=int, default=5337)
    words.add_argument("--slivers", type=float, default=0.03)
    words.add_argument("--repair", type=float, default=0.1)
    given = words.parse_args()
    cells = drawn_twice(given.grids, slivers=given.slivers)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "grids.gpkg"
        gpd.GeoDataFrame({"code": [f"g{i}" for i in range(len(cells))]}, geometry=cells, crs=4326).to_file(path)
        began = perf_counter()
        table = read_table(path)
        read = perf_counter() - began
        existing = ExistingDivisions(root="320509", parent="320509")
        checked = check_grids(table, Options(Datum.WGS84, repair=given.repair), existing=existing)
    took = perf_counter() - began
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = [note for note in checked.notes if note["code"] == "grids.moved"]
    sys.stdout.write(f"{len(checked.rows)} grids, {len(checked.problems)} problems, {told}\n")
    sys.stdout.write(f"read {read:.1f} s, in all {took:.1f} s: {took / REACH_S:.2f} of its reach of {REACH_S:.0f} s\n")
    seconds, megabytes = children.ru_utime + children.ru_stime, children.ru_maxrss // 1024
    sys.stdout.write(f"processor {seconds:.1f} s, most memory {megabytes} MB\n")


if __name__ == "__main__":
    main()
