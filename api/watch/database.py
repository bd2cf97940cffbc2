"""Probe of the database, on a connection of its own.

A database that has stopped refuses connections at once. One that hangs does not respond, and every request would wait
for it until none is left to serve: so the stores are shut until the probe succeeds again.
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

INTERVAL_SECONDS = 0.5
PATIENCE_SECONDS = 2.0
"""Timeout of `SELECT 1`, which needs no disk, no lock and hardly any CPU."""


class DatabaseProbe:
    """Probes the database repeatedly. `is_up` is the latest result; `on_change` is called when it changes."""

    def __init__(self, conninfo: str, stores: Sequence[Store], *, on_change: Callable[[], None]) -> None:
        self.is_up = True
        self._conninfo = conninfo
        self._stores = stores
        self._on_change = on_change
        self._connection: PatientConnection | None = None

    async def step(self) -> None:
        """Probe once, then sleep."""
        self._record(await self._responds())
        await asyncio.sleep(INTERVAL_SECONDS)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()

    async def _responds(self) -> bool:
        """Probe the kept connection; if that fails, a new one decides, since the old one may have been terminated."""
        with suppress(psycopg.Error, OSError):
            if self._connection is not None:
                await self._connection.execute("SELECT 1")
                return True
        await self.close()
        try:
            self._connection = await PatientConnection.connect(self._conninfo, autocommit=True, connect_timeout=2)
            self._connection.patience = PATIENCE_SECONDS
            await self._connection.execute("SELECT 1")
        except TooManyConnections:
            return True
        except (psycopg.Error, OSError):
            return False
        return True

    def _record(self, responds: bool) -> None:
        if responds == self.is_up:
            return
        self.is_up = responds
        if responds:
            log.info("database_back")
        else:
            log.error("database_away")
        for store in self._stores:
            if responds:
                store.reopen()
            else:
                store.shut()
        self._on_change()
