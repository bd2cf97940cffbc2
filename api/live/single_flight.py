"""Work that is done once for all who ask for the same thing at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Shares answers among those who ask for the same key, and makes at most `most` of them at a time.

    When a thousand screens come back at once and each wants the same, one answer serves all that wait. Whoever asks
    while it is being made waits for the next one: nobody gets what was read before they asked.
    """

    def __init__(self, *, most: int) -> None:
        self._turns = asyncio.Semaphore(most)
        self._waited_for: dict[Hashable, asyncio.Task[Result]] = {}

    async def ask(self, key: Hashable, make: Callable[[], Awaitable[Result]]) -> Result:
        """What `make` answers, for all who asked before it began; what it raises, too. One who leaves stops nothing."""
        task = self._waited_for.get(key)
        if task is None:
            task = self._waited_for[key] = asyncio.create_task(self._make(key, make))
        return await asyncio.shield(task)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Result]]) -> Result:
        async with self._turns:
            del self._waited_for[key]
            return await make()
