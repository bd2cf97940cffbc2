"""Writing a file in a process of its own, bounded in memory and time, so that an export cannot take the server's."""

import asyncio
import json
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from layers.exports.errors import CannotHold, TooDemanding

MEMORY_BYTES = 512_000_000
CPU_SECONDS = 300
NICENESS = 10
"""The server beside goes first."""
REFUSED = 3
FEW_THREADS = MappingProxyType(
    {
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "GDAL_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
)
"""The child's environment, besides the paths: each thread and arena takes memory."""
KEPT = ("PATH", "PYTHONPYCACHEPREFIX")
"""Passed on to the child. Without the cache of bytecode each export compiles pandas and geopandas, for seconds."""


@dataclass(frozen=True, slots=True)
class Written:
    """Number of rows in a file, and notes on values that the format could not hold unchanged."""

    rows: int
    notes: Sequence[Mapping[str, Any]]


def child_environment() -> dict[str, str]:
    """Return the child's whole environment: no setting or secret of the server is in it."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), **FEW_THREADS}


def bound_process() -> None:
    """Bound this process in memory and processor time; for the module that `run_apart` runs."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


async def run_apart(module: str, job: bytes, *, refusal: type[TooDemanding] = TooDemanding) -> tuple[int, bytes]:
    """Run a module in a process of its own with `job` on standard input; return its exit code and output.

    Raises `refusal` for any exit but success and `REFUSED`. The process ends with a caller that is cancelled.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=child_environment(),
    )  # fmt: skip
    try:
        out, _ = await process.communicate(job)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode not in (0, REFUSED):
        raise refusal(megabytes=MEMORY_BYTES // 1_000_000, seconds=CPU_SECONDS)
    return process.returncode, out


async def render_apart(job: Mapping[str, Any]) -> Written:
    """Write the file that `job` describes; see `rendering.rendering_of`.

    Raises CannotHold or TooDemanding.
    """
    code, out = await run_apart("layers.exports.rendering", json.dumps(job).encode())
    if code == REFUSED:
        raise CannotHold(**json.loads(out))
    return Written(**json.loads(out))
