"""Share the result of work among callers who request the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Runs work once for all callers waiting for the same key, and at most `most` keys at a time.

    When a thousand screens reconnect at once, one result serves all that wait. A caller that arrives while the work is
    running waits for the next run, so that no result was read before its request.
    """

    def __init__(self, *, most: int) -> None:
        self._turns = asyncio.Semaphore(most)
        self._waited_for: dict[Hashable, asyncio.Task[Result]] = {}

    async def ask(self, key: Hashable, make: Callable[[], Awaitable[Result]]) -> Result:
        """Return or raise the outcome of `make`, for all callers before it starts. Cancelling one stops none."""
        task = self._waited_for.get(key)
        if task is None:
            task = self._waited_for[key] = asyncio.create_task(self._make(key, make))
        return await asyncio.shield(task)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Result]]) -> Result:
        async with self._turns:
            del self._waited_for[key]
            return await make()
