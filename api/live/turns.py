"""Turns of accounts: the reads of one account wait for each other, and never make another account wait for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass

from geo.errors import ErrorKind, MaplebridgeError

RETRY_SECONDS = 2


class TooManyReads(MaplebridgeError):
    """Too many reads of this account wait already. `params`: `seconds` after which to ask again."""

    code = "reads.too_many"
    kind = ErrorKind.TOO_MANY


@dataclass(slots=True)
class _Queue:
    """Reads of one account, running and waiting."""

    turns: asyncio.Semaphore
    count: int = 0


class Turns:
    """Lets `of_account` reads of each account run at a time, `in_all` of all accounts, and `waiting` more of each wait.

    An account with many reads takes its turns behind each other account's next one.
    """

    def __init__(self, *, of_account: int, waiting: int, in_all: int | None = None) -> None:
        self._of_account = of_account
        self._most = of_account + waiting
        self._in_all: AbstractAsyncContextManager[None] = nullcontext() if in_all is None else asyncio.Semaphore(in_all)
        self._queues: dict[int, _Queue] = {}

    @asynccontextmanager
    async def turn(self, account: int) -> AsyncIterator[None]:
        """Wait for a turn of the account, and hold it for the block. Raises `TooManyReads`."""
        queue = self._queues.setdefault(account, _Queue(asyncio.Semaphore(self._of_account)))
        if queue.count >= self._most:
            raise TooManyReads(seconds=RETRY_SECONDS)
        queue.count += 1
        try:
            async with queue.turns, self._in_all:
                yield
        finally:
            queue.count -= 1
            if not queue.count:
                del self._queues[account]
