"""Build a basemap from a checked file. Runs in a sandbox: `run_sandboxed`."""

import sys
from collections.abc import Mapping, Sequence
from math import cos, radians
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from ingest.basemap.reading import Read, read_file
from ingest.basemap.tiling import write_tiles
from ingest.files.job_runner import run_job

METRES_PER_DEGREE = 111_320.0


def build_tiles(file: Path, folder: Path, *, grids: Sequence[Sequence[float]], far_m: float) -> dict[str, Any]:
    """Build in an empty folder. Returns `tiles`, the one file there, what it has, and how many of the county's grids
    are `far`: more than `far_m` metres from any road.
    """
    read = read_file(str(file))
    tiles = folder / "basemap.mbtiles"
    return {
        "tiles": str(tiles),
        "count": write_tiles(read, tiles),
        "bbox": read.box,
        "things": len(read.things),
        "incomplete": read.incomplete,
        "closed": read.closed,
        "made": read.made,
        "far": _far(read, grids, far_m),
    }


def _far(read: Read, grids: Sequence[Sequence[float]], far_m: float) -> int:
    """Count the places that are farther from all roads, as a plane at the extract's middle has it."""
    if not grids:
        return 0
    scale = METRES_PER_DEGREE * np.array([cos(radians((read.box[1] + read.box[3]) / 2)), 1.0])
    roads = [thing.shape for thing in read.things if thing.kind.layer == "roads"]
    tree = shapely.STRtree(shapely.transform(roads, lambda lonlat: lonlat * scale))
    near, _ = tree.query_nearest(shapely.points(np.array(grids) * scale), max_distance=far_m, all_matches=False)
    return len(grids) - len(near)


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    return build_tiles(Path(job["file"]), Path(job["folder"]), grids=job["grids"], far_m=job["far_m"])


if __name__ == "__main__":
    sys.exit(run_job(run))
