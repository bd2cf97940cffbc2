"""Background loops that run as long as the server and survive database outages."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geo.store import DatabaseUnavailable

log = structlog.get_logger()

DATABASE_ERRORS = (DatabaseUnavailable, DBAPIError, PoolTimeout, psycopg.Error, OSError, TimeoutError)
"""Exceptions of SQLAlchemy and the driver when the database is stopped, restarting or full."""

FIRST_WAIT, LONGEST_WAIT = 0.25, 5.0
STUCK_FROM = 3
AFTER_SCREENS_SECONDS = 5.0
"""How long after a start loops of minutes and hours begin: all screens come back at once then, and go first."""


@dataclass(slots=True)
class Loop:
    """A step repeated for ever, first after `first_s` seconds, with a rest of `rest_s` seconds after each.

    `failures` counts those in a row; `fault` is the class of the last one. Both are cleared before the rest: a loop
    that works once an hour is well as soon as it has worked.
    """

    name: str
    step: Callable[[], Awaitable[None]]
    rest_s: float = 0.0
    first_s: float = 0.0
    failures: int = 0
    fault: str | None = None

    @property
    def is_healthy(self) -> bool:
        return self.failures == 0

    @property
    def is_stuck(self) -> bool:
        """True after repeated failures, which are then reported; a single lost connection is not."""
        return self.failures >= STUCK_FROM

    async def run(self) -> None:
        """Repeat the step; after a database failure wait first, longer with each one in a row."""
        while True:
            try:
                await self.step()
            except DATABASE_ERRORS as error:
                await self._back_off(error)
            else:
                self._recovered()
                if self.rest_s:
                    await asyncio.sleep(self.rest_s)

    async def keep_running(self) -> None:
        """Run as long as the server. A bug in the step is logged, shows in `is_healthy`, and the step is retried.

        On return the step has ended too, so that its connection can be closed safely.
        """
        await asyncio.sleep(self.first_s)
        while True:
            task = asyncio.create_task(self.run(), name=self.name)
            try:
                await asyncio.wait([task])
            finally:
                task.cancel()
                await asyncio.wait([task])
            fault = None if task.cancelled() else task.exception()
            log.error("loop_broke", loop=self.name, exc_info=fault)
            self.failures += 1
            self.fault = type(fault).__name__
            await asyncio.sleep(LONGEST_WAIT)

    async def _back_off(self, error: BaseException) -> None:
        self.failures += 1
        self.fault = type(error).__name__
        if self.failures == 1:
            log.warning("loop_failing", loop=self.name, fault=self.fault)
        await asyncio.sleep(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self.failures - 1, 10)))

    def _recovered(self) -> None:
        if self.failures:
            log.info("loop_recovered", loop=self.name, failures=self.failures)
        self.failures = 0
        self.fault = None
