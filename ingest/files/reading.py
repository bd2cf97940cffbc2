"""Reading a file in a process that can do no harm: bounded in memory and time, and without a network."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.files.limits import LIMITS, REFUSED
from ingest.files.problems import FileRefused, Problem, refuse, too_demanding
from ingest.files.rows import records_of
from ingest.files.table import Table

QUIET = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "OGR_SQLITE_LOAD_EXTENSIONS": "",
    "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""The child's whole environment, besides the path: few threads and arenas, since each takes memory."""
FELL_OVER = 1
"""The exit code of a parser that met what it had no word for."""


def read_table(path: Path, *, layer: str | None = None) -> Table:
    """The rows of a local file of any known format. Raises FileRefused, at the latest after the time allowed."""
    with TemporaryDirectory(prefix="maplebridge-") as folder:
        rows, scratch = Path(folder) / "rows", Path(folder) / "scratch"
        scratch.mkdir()
        job = {"path": str(path.resolve()), "layer": layer, "scratch": str(scratch), "rows": str(rows)}
        done = _bounded(job)
        if done.returncode == 0:
            return Table(**json.loads(done.stdout), records=list(records_of(rows)))
    if done.returncode == REFUSED:
        raise FileRefused([Problem(**problem) for problem in json.loads(done.stdout)])
    # A parser that fell over met a broken file; one that was killed met a limit.
    raise refuse("file.unreadable") if done.returncode == FELL_OVER else too_demanding(LIMITS, exit=done.returncode)


def _bounded(job: dict[str, str | None]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            [sys.executable, "-m", "ingest.files.child"],
            input=json.dumps(job).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LIMITS.seconds,
            env={
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
                **QUIET,
            },
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise too_demanding(LIMITS) from error
