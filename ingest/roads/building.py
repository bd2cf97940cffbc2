"""Build a road graph from a checked file. Runs in a sandbox: `run_sandboxed`; the builder inherits its limits."""

import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.files.job_runner import run_job
from layers.roads.engines import configuration, program

BUILDER_THREADS = "2"


def build_graph(file: Path, folder: Path) -> dict[str, Any]:
    """Build in an empty folder. Returns the `graph`, one file there, or `failed`, the builder's exit code."""
    tiles, settings, graph = folder / "tiles", folder / "settings.json", folder / "graph.tar"
    tiles.mkdir()
    settings.write_text(json.dumps(configuration(None, tiles=tiles)), encoding="utf8")
    done = subprocess.run(
        [str(program("valhalla_build_tiles")), "-c", str(settings), "-j", BUILDER_THREADS, str(file)],
        cwd=folder,  # It writes lists of oddities to where it stands.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    found = sorted(tiles.rglob("*.gph"))
    if done.returncode or not found:
        return {"failed": done.returncode}
    with tarfile.open(graph, "w", format=tarfile.USTAR_FORMAT) as tar:
        for tile in found:
            tar.add(tile, tile.relative_to(tiles).as_posix())
    return {"graph": str(graph)}


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    return build_graph(Path(job["file"]), Path(job["folder"]))


if __name__ == "__main__":
    sys.exit(run_job(run))
