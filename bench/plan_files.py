"""Time to compare a file of 5,337 micro-grids with its draft, noise of 3 cm at every vertex, and to mend it.

Usage: python -m bench.plan_files [--slivers 0.03] [--repair 0.05]. Needs no database: the GeoPackage is
read and compared, each in a process of its own as in an import, beside bare `coverage_clean` in this one.
"""

import argparse
import asyncio
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from api.intake.edited_lines import SentFile, read_edited
from bench.coverage import county
from console.planning.importing import Difference, EditedFile, difference_of
from geo.coverage.topology import Coverage
from geo.datum import Datum

REACH_S = 10.0


def drawn_again(coverage: Coverage, folder: Path, *, noise_m: float) -> bytes:
    """Return a draft's micro-grids as a GeoPackage, each vertex of each moved by itself, by so many metres."""
    rng = np.random.default_rng(5)

    def moved(places: Any) -> Any:
        turn = rng.uniform(0, 2 * np.pi, len(places))
        return places + noise_m * np.column_stack([np.cos(turn), np.sin(turn)]) / coverage.plane.scale

    shapes = []
    for shape in coverage.polygons.tolist():
        places = shapely.get_coordinates(shape)
        drawn = moved(places)
        drawn[-1] = drawn[0]
        made = shapely.Polygon(drawn)
        shapes.append(made if made.is_valid else shape)
    divisions = [asdict(coverage.divisions[code]) for code in coverage.finest]
    frame = gpd.GeoDataFrame(divisions, geometry=shapes, crs=4326).rename(columns={"parent": "parent_code"})
    path = folder / "lines.gpkg"
    frame.to_file(path, layer="lines_wgs84")
    return path.read_bytes()


def compared(coverage: Coverage, content: bytes, *, repair: float) -> tuple[Difference, float, float]:
    """Return the difference, and the seconds for reading and for all."""
    began = perf_counter()
    read = read_edited(SentFile("lines.gpkg", content))
    reading = perf_counter() - began
    found = asyncio.run(difference_of(coverage, EditedFile(read.rows, Datum.WGS84, repair)))
    return found, reading, perf_counter() - began


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--slivers", type=float, default=0.03)
    words.add_argument("--repair", type=float, default=0.05)
    given = words.parse_args()
    coverage = county()
    with TemporaryDirectory() as folder:
        content = drawn_again(coverage, Path(folder), noise_m=given.slivers)
        drawn = gpd.read_file(Path(folder) / "lines.gpkg").geometry
    found, reading, took = compared(coverage, content, repair=given.repair)
    flat = np.array([coverage.plane.flatten(shape) for shape in drawn], dtype=object)
    began = process_time()
    shapely.coverage_clean(flat, snapping_distance=given.repair, gap_width=given.repair)
    bare = process_time() - began
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    mended, used = found.mended, children.ru_utime + children.ru_stime
    sys.stdout.write(
        f"{len(drawn)} micro-grids of {len(content) / 1e6:.1f} MB: read in {reading:.1f} s, in all {took:.1f} s: "
        f"{took / REACH_S:.2f} of its reach of {REACH_S:.0f} s; processor {used:.1f} s\n"
        f"{mended['count']} faults mended, furthest move {mended['moved_m']} m, {len(found.operations)} operations; "
        f"bare `coverage_clean` {bare:.1f} s\n"
    )


if __name__ == "__main__":
    main()
