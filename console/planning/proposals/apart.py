"""Search for a proposal in a child process, which is killed when the caller is cancelled."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from layers.exports.apart import child_environment

LINE_BYTES = 64 * 1024 * 1024
"""Longest line of a search: its result, five groupings of a county."""
OnLine = Callable[[Mapping[str, Any]], None]


class SearchEnded(Exception):
    """The process ended without a result: killed, or out of memory."""


async def search_apart(job: bytes, on_line: OnLine) -> Mapping[str, Any]:
    """Run a search and return its result. Raises `SearchEnded`.

    `on_line` is called with each line of progress, and with the result.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console.planning.proposals.searching",
        stdin=PIPE, stdout=PIPE, env=child_environment(), limit=LINE_BYTES,
    )  # fmt: skip
    try:
        last = await _exchange(process, job, on_line)
        if await process.wait() or "alternatives" not in last:
            raise SearchEnded
        return last
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _exchange(process: Process, job: bytes, on_line: OnLine) -> Mapping[str, Any]:
    """Write the job to the process, read its lines until it ends, and return the last one."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(job)
    process.stdin.write_eof()
    last: Mapping[str, Any] = {}
    async for line in process.stdout:
        last = orjson.loads(line)
        on_line(last)
    return last
