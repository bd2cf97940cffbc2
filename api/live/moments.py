"""Places the moment of a snapshot between commits, so that a replay of that moment shows the same.

Numbers of events and times of fixes are given before their commit. A snapshot taken between the two would lack what a
replay of its moment shows.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

PATIENCE_SECONDS = 1.0
"""Longest wait of a snapshot for commits, and of commits for a snapshot: a stuck one must not stop the other."""


class Moments:
    """Lets many commits run together, or one snapshot begin."""

    def __init__(self) -> None:
        self._committing = 0
        self._beginning = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def commit(self) -> AsyncIterator[None]:
        """Hold snapshots back from the time that a change is given until its commit."""
        await self._wait(lambda: not self._beginning)
        self._committing += 1
        try:
            yield
        finally:
            self._committing -= 1
            await self._notify()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[None]:
        """Hold commits back from the time of a snapshot until it sees the database as of that time."""
        self._beginning += 1
        try:
            await self._wait(lambda: not self._committing)
            yield
        finally:
            self._beginning -= 1
            await self._notify()

    async def _wait(self, free: Callable[[], bool]) -> None:
        if free():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS), self._changed:
                await self._changed.wait_for(free)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()
