"""A parser gone bad, for the bounds it runs in. Run by `ingest.files.sandbox_child` as it would run a real one."""

import mmap
import os
import resource
import socket
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ingest.files.job_runner import run_job

MEGABYTE = 1_000_000


def memory() -> list[bytes]:
    """Takes until there is no more, and uses what it took."""
    return [b"x" * (50 * MEGABYTE) for _ in range(80)]


def shared() -> list[mmap.mmap]:
    """Mappings that are no data by the kernel's count, but take address space."""
    return [mmap.mmap(-1, 100 * MEGABYTE) for _ in range(100)]


def disk() -> None:
    with TemporaryDirectory() as folder, (Path(folder) / "large").open("wb") as out:
        for _ in range(1000):
            out.write(bytes(MEGABYTE))


def files() -> list[int]:
    return [os.open("/dev/null", os.O_RDONLY) for _ in range(1000)]


def drivers() -> list[str]:
    """Modules of GDAL that are present only once the reader of vector files is loaded."""
    import_module("ingest.files.vector")
    return list(import_module("pyogrio").list_drivers())


def nothing() -> dict[str, Any]:
    drivers()
    pages = [int(part) for part in Path("/proc/self/statm").read_text("ascii").split()]
    page = resource.getpagesize()
    cpu = list(resource.getrlimit(resource.RLIMIT_CPU))
    return {"address": pages[0] * page, "data": pages[5] * page, "cpu": cpu, "nice": os.nice(0)}


def network() -> dict[str, Any]:
    return {"interfaces": [name for _, name in socket.if_nameindex()]}


WAYS = {
    "memory": memory,
    "shared memory of its own": shared,
    "disk": disk,
    "files": files,
    "nothing": nothing,
    "network": network,
    "drivers": drivers,
}


def work(job: Mapping[str, Any]) -> Any:
    return WAYS[job["what"]]()


if __name__ == "__main__":
    sys.exit(run_job(work))
