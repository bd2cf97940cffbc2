"""Process untrusted files in a subprocess with bounded memory and time, and without a network."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from ingest.files.limits import LIMITS, REFUSED, Limits, limits_of
from ingest.files.problems import FileRefused, Problem, refuse, too_demanding

SKIPPED_DRIVERS = (
    "ADBC,AmigoCloud,Carto,CSW,CSV,EEDA,Elasticsearch,GDALG,GML,GPSBabel,GPX,GTFS,HTTP,LIBKML,KML,MEM,NGW,OAPIF,ODS,"
    "OGCAPI,OGR_VRT,PDF,PLSCENES,SQLite,WFS,XLSX"
)
"""GDAL drivers that read more than the given file, or formats that have readers of their own here."""
CHILD_ENVIRONMENT = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "OGR_SKIP": SKIPPED_DRIVERS,
    "OGR_SQLITE_PRAGMA": "trusted_schema=OFF",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""The child's whole environment besides the paths: few threads and arenas, since each takes memory.

GDAL reads it once, when it is loaded; the server's own GDAL needs drivers that are skipped here.
"""
KEPT = ("PATH", "PYTHONPYCACHEPREFIX")
"""Passed on to the child, which reads the cache of bytecode and never writes it."""
CRASHED = 1
"""Exit code of a child with an unexpected exception."""


def run_sandboxed(module: str, job: Mapping[str, Any]) -> Any:
    """Run a job in `module` and return its output, both JSON. Raises FileRefused, at the latest at the time limit.

    Time is the processor's, which the process limits itself: on a busy machine a small file takes long and little.
    """
    limits = limits_of(module)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ingest.files.sandbox_child", module],
            input=json.dumps(job).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.waiting_seconds,
            env={
                **{name: os.environ[name] for name in KEPT if name in os.environ},
                "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
                **CHILD_ENVIRONMENT,
            },
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise too_demanding(limits, "waiting") from error
    if done.returncode == 0:
        return json.loads(done.stdout)
    if done.returncode == REFUSED:
        raise FileRefused([Problem(**problem) for problem in json.loads(done.stdout)])
    # A parser that raised met a corrupt file; one that was killed met a limit.
    raise refuse("file.unreadable") if done.returncode == CRASHED else refusal_of_exit(done.returncode, limits)


def refusal_of_exit(exit_code: int, limits: Limits = LIMITS) -> FileRefused:
    """Make the refusal for a process that was killed; one that is out of memory dies in several ways."""
    limit = "processor_time" if exit_code == -signal.SIGXCPU else "memory"
    return too_demanding(limits, limit, exit=exit_code)
