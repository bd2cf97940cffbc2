"""Checks of passwords, which take tens of milliseconds and 64 MB each, in a thread of their own."""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from api.http.sign_in.budgets import Caller, TooManySignIns
from console.access.passwords import password_matches

THREADS = 1
NICENESS = 5
"""Enough to let the server and the database go first, and little enough to be served on a busy machine."""

MOST_WAITING = 24
MOST_OF_AN_ADDRESS = 8
PLACES_OF_DEVICES = 8
"""More of them for devices that have signed in before."""

RETRY_SECONDS = 2


def _yield_to_others() -> None:
    """Let other threads of the machine go first; on Linux a priority is a thread's own."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


@dataclass(slots=True)
class PasswordChecks:
    """One check at a time, and a short queue before it."""

    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="password", initializer=_yield_to_others)
    )
    _waiting: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def place(self, caller: Caller) -> Iterator[None]:
        """Hold a place in the queue. Raises `TooManySignIns` when it is full, or full of the same address."""
        most = MOST_WAITING + (PLACES_OF_DEVICES if caller.device else 0)
        of_address = self._waiting[caller.address]
        if self._waiting.total() >= most or (of_address >= MOST_OF_AN_ADDRESS and not caller.device):
            raise TooManySignIns(seconds=RETRY_SECONDS)
        self._waiting[caller.address] += 1
        try:
            yield
        finally:
            self._waiting[caller.address] -= 1
            if not self._waiting[caller.address]:
                del self._waiting[caller.address]

    async def matches(self, password: str, stored: str | None) -> bool:
        """Return whether the password matches, after the same time when none is stored."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, password_matches, password, stored)
