"""Whether the database answers, asked all the time on a line of its own.

A database that is gone says so at once. One that is stopped says nothing, and every request would wait for it until
none is left to serve: so the stores are shut, and opened when it answers again.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import psycopg
import structlog
from psycopg.errors import TooManyConnections

from geo.store import Store
from geo.store.patience import PatientConnection

log = structlog.get_logger()

REST_SECONDS = 0.5
PATIENCE_SECONDS = 2.0
"""For so long a database may say nothing to `SELECT 1`, which needs no disk, no lock and hardly a processor."""


class DatabaseProbe:
    """`is_up`: the database answers, as far as anybody knows. `on_change` is told when that changes."""

    def __init__(self, conninfo: str, stores: Sequence[Store], *, on_change: Callable[[], None]) -> None:
        self.is_up = True
        self._conninfo = conninfo
        self._stores = stores
        self._on_change = on_change
        self._line: PatientConnection | None = None

    async def step(self) -> None:
        """Ask once, and rest."""
        self._note(await self._answers())
        await asyncio.sleep(REST_SECONDS)

    async def close(self) -> None:
        line, self._line = self._line, None
        if line:
            await line.close()

    async def _answers(self) -> bool:
        """A line that broke proves nothing, since somebody may have ended it: then a new one decides."""
        with suppress(psycopg.Error, OSError):
            if self._line is not None:
                await self._line.execute("SELECT 1")
                return True
        await self.close()
        try:
            self._line = await PatientConnection.connect(self._conninfo, autocommit=True, connect_timeout=2)
            self._line.patience = PATIENCE_SECONDS
            await self._line.execute("SELECT 1")
        except TooManyConnections:
            return True
        except (psycopg.Error, OSError):
            return False
        return True

    def _note(self, answers: bool) -> None:
        if answers == self.is_up:
            return
        self.is_up = answers
        if answers:
            log.info("database_back")
        else:
            log.error("database_away")
        for store in self._stores:
            if answers:
                store.reopen()
            else:
                store.shut()
        self._on_change()
