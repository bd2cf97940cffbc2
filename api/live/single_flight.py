"""Share the result of work among callers who request the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
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

    async def ask(
        self,
        key: Hashable,
        make: Callable[[], Awaitable[Result]],
        *,
        turn: AbstractAsyncContextManager[None] | None = None,
    ) -> Result:
        """Return or raise the outcome of `make`, for all callers before it starts. Cancelling one stops none.

        `turn` is one of the caller, which it takes first if no other waits for the same.
        """
        task = self._waited_for.get(key)
        if task is None:
            task = self._waited_for[key] = asyncio.create_task(self._make(key, make, turn or nullcontext()))
        return await asyncio.shield(task)

    async def _make(
        self, key: Hashable, make: Callable[[], Awaitable[Result]], turn: AbstractAsyncContextManager[None]
    ) -> Result:
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(turn)
                await stack.enter_async_context(self._turns)
            finally:
                del self._waited_for[key]
            return await make()
