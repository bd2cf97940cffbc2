"""Reading a file in a process that can do no harm: bounded in memory and time, and without a network."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pyarrow as pa
import shapely

from ingest.files.limits import LIMITS, REFUSED
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.table import Record, Table

QUIET = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "1",
    "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""The child's whole environment, besides the path: few threads and arenas, since each takes address space."""


def read_table(path: Path, *, layer: str | None = None) -> Table:
    """The rows of a local file of any known format. Raises FileRefused, at the latest after the time allowed."""
    with TemporaryDirectory(prefix="maplebridge-") as scratch:
        job = {"path": str(path.resolve()), "layer": layer, "scratch": scratch}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "ingest.files.child"],
                input=json.dumps(job).encode(),
                capture_output=True,
                timeout=LIMITS.seconds,
                env={
                    "PATH": os.environ.get("PATH", ""),
                    "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
                    **QUIET,
                },
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise refuse("file.too_demanding", seconds=LIMITS.seconds) from error
    if done.returncode == REFUSED:
        raise FileRefused([Problem(**problem) for problem in json.loads(done.stdout)])
    if done.returncode != 0:
        # Killed by a limit, or a parser fell over: either way the file is what is wrong.
        raise refuse("file.too_demanding", exit=done.returncode)
    return unpacked_table(done.stdout)


def unpacked_table(stream: bytes) -> Table:
    """The table that the child packed: Arrow and JSON, which unlike pickles can hold no code."""
    rows = pa.ipc.open_stream(stream).read_all()
    about = orjson.loads(rows.schema.metadata[b"table"])
    geometries = shapely.from_wkb(rows["geometry"].to_pylist())
    records = [
        Record(row=row, values=orjson.loads(values), geometry=geometry)
        for row, values, geometry in zip(rows["row"].to_pylist(), rows["values"].to_pylist(), geometries, strict=True)
    ]
    return Table(records=records, **about)
