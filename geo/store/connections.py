"""Connections and transactions bound to what their reader may see.

Every scoped table is guarded by row-level security in PostgreSQL itself, so a forgotten `WHERE` shows nothing. A
transaction sees its `Reach`, set for that transaction alone: pooled connections keep no trace of it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakSet

import orjson
import psycopg
from psycopg.errors import DeadlockDetected, DiskFull, QueryCanceled
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from geo.errors import ErrorKind, MaplebridgeError
from geo.store.patience import PatientConnection


@dataclass(frozen=True, slots=True)
class Reach:
    """Rows a transaction may see: a division's subtree, and the rows of one force wherever they lie."""

    scope: str | None = None
    force_id: int | None = None


NO_REACH = Reach()


CONNECT_SECONDS = 3

BEFORE_PATIENCE = 5.0
"""The database cancels a statement so many seconds before the connection would be aborted."""

_BIND = text("SELECT set_config('maplebridge.scope', :scope, true), set_config('maplebridge.force', :force, true)")
_BIND_TIMED = text(f"{_BIND.text}, set_config('statement_timeout', :timeout, true)")

DEADLOCK_RETRIES = 3
"""Retries after a deadlock. The other transactions proceed meanwhile, so each retry is less likely to meet one."""

Done = TypeVar("Done")


class DatabaseUnavailable(MaplebridgeError):
    """The database does not respond; no statement was sent."""

    code = "database.away"
    kind = ErrorKind.UNAVAILABLE


class Store:
    """Connection pool of the app role; `close` disposes it.

    The database probe shuts the store while the database does not respond: pending statements fail at once, and no
    transaction begins. `patience`, in seconds, bounds each wait for the database. A server sets it, since its requests
    are short; an administrator's command that counts a million incidents leaves it None. The database cancels a
    statement shortly before, so that the connection stays.
    """

    def __init__(self, url: str, *, pool_size: int = 10, patience: float | None = None) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,  # Overflow connections would be opened and closed for each use, at the busiest moment.
            pool_timeout=10,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={"async_creator_fn": self._connect, "connect_timeout": CONNECT_SECONDS},
        )
        event.listen(self.engine.sync_engine, "checkout", _discard_closed)
        self._autocommit_engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._patience = patience
        self._connections: WeakSet[PatientConnection] = WeakSet()
        self._is_shut = False

    @asynccontextmanager
    async def transaction(
        self, reach: Reach, *, snapshot: bool = False, statement_seconds: float | None = None
    ) -> AsyncIterator[AsyncSession]:
        """Open one transaction within `reach`, committed on leaving, rolled back on an exception.

        `snapshot` makes it REPEATABLE READ and read-only. The database cancels its statements after
        `statement_seconds`. Raises `DatabaseUnavailable` while the store is shut.
        """
        if self._is_shut:
            raise DatabaseUnavailable
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            if snapshot:
                await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            if reach != NO_REACH:  # Unset means no rows, so sign-ins save this round trip.
                await bind_reach(session, reach, statement_seconds=statement_seconds)
            yield session

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncSession]:
        """Open a session without a transaction or reach; saves BEGIN and COMMIT on each request's session lookup.

        Raises `DatabaseUnavailable` while the store is shut.
        """
        if self._is_shut:
            raise DatabaseUnavailable
        async with AsyncSession(self._autocommit_engine, expire_on_commit=False) as session:
            yield session

    def shut(self) -> None:
        """Refuse new transactions until `reopen`, and abort the connections of those that have begun."""
        self._is_shut = True
        for connection in [*self._connections]:
            connection.abort()

    def reopen(self) -> None:
        self._is_shut = False

    async def close(self) -> None:
        """Close every connection, those in use as well: the pool would leave them open once they are given back."""
        self._is_shut = True
        await self.engine.dispose()
        for connection in [*self._connections]:
            await connection.close()

    async def _connect(self, *args: Any, **kwargs: Any) -> PatientConnection:
        if self._is_shut:
            raise DatabaseUnavailable  # Callers already queued for a connection would wait for the database.
        connection = await PatientConnection.connect(*args, **kwargs)
        async with AsyncExitStack() as unless_ready:
            unless_ready.push_async_callback(connection.close)  # The pool does not have it yet: nobody else would.
            await self._prepare(connection)
            unless_ready.pop_all()
        return connection

    async def _prepare(self, connection: PatientConnection) -> None:
        if self._is_shut:  # `shut` could not abort it: it was not there yet.
            raise DatabaseUnavailable
        if self._patience is not None:
            await connection.execute(f"SET statement_timeout = {_milliseconds(self._patience - BEFORE_PATIENCE)}")
            await connection.commit()
        connection.patience = self._patience
        self._connections.add(connection)


async def retry_deadlocks(transact: Callable[[], Awaitable[Done]]) -> Done:
    """Run `transact`, one whole transaction, and run it again when the database ended it to resolve a deadlock.

    Deadlocks can happen: bulk writers lock each batch of a thousand rows in order, but not all batches; a posting locks
    a force before its latest fix, an SOS after it.
    """
    for _ in range(DEADLOCK_RETRIES):
        try:
            return await transact()
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected):
                raise
    return await transact()


def _discard_closed(connection: PoolProxiedConnection, *_: object) -> None:
    """Discard a pooled connection that the server has closed; saves the round trip of a ping."""
    driver = connection.driver_connection
    if isinstance(driver, PatientConnection) and driver.closed_by_server():
        raise DisconnectionError


async def bind_reach(session: AsyncSession, reach: Reach, *, statement_seconds: float | None = None) -> None:
    """Set the session's `Reach`, and its longest statement if one is given, until its current transaction ends."""
    bound = {"scope": reach.scope or "", "force": "" if reach.force_id is None else str(reach.force_id)}
    if statement_seconds is None:
        await session.execute(_BIND, bound)
    else:
        await session.execute(_BIND_TIMED, {**bound, "timeout": str(_milliseconds(statement_seconds))})


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def is_cancelled(error: BaseException) -> bool:
    """Return whether the database cancelled a statement that took too long."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, QueryCanceled)


def is_disk_full(error: BaseException) -> bool:
    """Return whether the database refused to write because its disk is full."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, psycopg.Error) and isinstance(cause, DiskFull)
