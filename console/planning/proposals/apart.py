"""Search a proposal in a process of its own. It ends with the caller: cancelling kills it."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from layers.exports.apart import child_environment

LINE_BYTES = 64 * 1024 * 1024
"""Longest line of a search: its result, five groupings of a county."""
Told = Callable[[Mapping[str, Any]], None]


class SearchEnded(Exception):
    """The process ended without a result: out of memory, or killed."""


async def search_apart(job: bytes, told: Told) -> Mapping[str, Any]:
    """Run a search; `told` gets each line of progress. Returns the result. Raises `SearchEnded`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "console.planning.proposals.searching",
        stdin=PIPE, stdout=PIPE, env=child_environment(), limit=LINE_BYTES,
    )  # fmt: skip
    try:
        last = await _talk(process, job, told)
        if await process.wait() or "alternatives" not in last:
            raise SearchEnded
        return last
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _talk(process: Process, job: bytes, told: Told) -> Mapping[str, Any]:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(job)
    process.stdin.write_eof()
    last: Mapping[str, Any] = {}
    async for line in process.stdout:
        last = orjson.loads(line)
        told(last)
    return last
