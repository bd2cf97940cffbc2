"""Work on what nobody vouches for, in a process that can do no harm: bounded in memory and time, without a network."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from ingest.files.limits import LIMITS, REFUSED
from ingest.files.problems import FileRefused, Problem, refuse, too_demanding

SKIPPED_DRIVERS = (
    "ADBC,AmigoCloud,Carto,CSW,CSV,EEDA,Elasticsearch,GDALG,GML,GPSBabel,GPX,GTFS,HTTP,LIBKML,KML,MEM,NGW,OAPIF,ODS,"
    "OGCAPI,OGR_VRT,PDF,PLSCENES,SQLite,WFS,XLSX"
)
"""GDAL's drivers that read more than the file they are given, or what other readers of ours read."""
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
"""The child's whole environment, besides the path: few threads and arenas, since each takes memory.

Only the child's: GDAL reads it once, as it is loaded, and whoever else loads GDAL may need what is left out here.
"""
CRASHED = 1
"""The exit code of a process that met what it had no word for."""


def run_sandboxed(module: str, job: Mapping[str, Any]) -> Any:
    """What `module` answers to a job, both as JSON. Raises FileRefused, at the latest after the time allowed."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ingest.files.sandbox_child", module],
            input=json.dumps(job).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LIMITS.seconds,
            env={
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
                **CHILD_ENVIRONMENT,
            },
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise too_demanding(LIMITS) from error
    if done.returncode == 0:
        return json.loads(done.stdout)
    if done.returncode == REFUSED:
        raise FileRefused([Problem(**problem) for problem in json.loads(done.stdout)])
    # A parser that fell over met a broken file; one that was killed met a limit.
    raise refuse("file.unreadable") if done.returncode == CRASHED else too_demanding(LIMITS, exit=done.returncode)
