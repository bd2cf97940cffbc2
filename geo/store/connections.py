"""Connections and transactions that carry the reach of their reader.

Every scoped table is guarded by row-level security in PostgreSQL itself, so a forgotten `WHERE` shows nothing. What a
transaction may see is its `Reach`, set for that transaction alone: pooled connections keep no trace of it.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakSet

import orjson
import psycopg
from psycopg.errors import DeadlockDetected, DiskFull
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection

from geo.errors import MaplebridgeError
from geo.store.patience import PatientConnection


@dataclass(frozen=True, slots=True)
class Reach:
    """What a transaction may see: a division's subtree, and the rows of one force wherever they lie."""

    scope: str | None = None
    force_id: int | None = None


NOWHERE = Reach()


CONNECT_SECONDS = 3

DEADLOCKS_BORNE = 3
"""As often a transaction is begun anew: others go on meanwhile, and stand in its way less each time."""

Done = TypeVar("Done")


class DatabaseUnavailable(MaplebridgeError):
    """The database does not answer. Nothing was asked of it."""

    code = "database.away"


class Store:
    """The database, seen through the app role. Closing it closes the pool.

    Who watches over the database shuts the store while that does not answer: whoever waits for an answer gets none at
    once, and nobody else begins to wait. `patience`, in seconds, bounds each wait: a server's requests are short, and
    a keeper's command, which counts a million incidents, takes as long as it takes.
    """

    def __init__(self, url: str, *, pool_size: int = 10, patience: float | None = None) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,  # What comes beyond the pool would be made and ended for each use, as a crowd comes.
            pool_timeout=10,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={"async_creator_fn": self._connect, "connect_timeout": CONNECT_SECONDS},
        )
        event.listen(self.engine.sync_engine, "checkout", _discard_closed)
        self._standing_alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._patience = patience
        self._connections: WeakSet[PatientConnection] = WeakSet()
        self._is_shut = False

    @asynccontextmanager
    async def transaction(self, reach: Reach, *, snapshot: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction within `reach`, committed on leaving, rolled back on an exception.

        `snapshot` makes it REPEATABLE READ and read-only: all its queries see one moment. Raises `DatabaseUnavailable`
        while the store is shut.
        """
        if self._is_shut:
            raise DatabaseUnavailable
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            if snapshot:
                await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            if reach != NOWHERE:  # A transaction that says nothing sees nothing: every sign-in saves an errand.
                await bind_reach(session, reach)
            yield session

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncSession]:
        """Statements that each stand alone, from nowhere: what every request begins with is spared two messages.

        Raises `DatabaseUnavailable` while the store is shut.
        """
        if self._is_shut:
            raise DatabaseUnavailable
        async with AsyncSession(self._standing_alone, expire_on_commit=False) as session:
            yield session

    def shut(self) -> None:
        """Begin no transaction until `reopen`, and end the waiting in those that have begun."""
        self._is_shut = True
        for connection in [*self._connections]:
            connection.abort()

    def reopen(self) -> None:
        self._is_shut = False

    async def close(self) -> None:
        await self.engine.dispose()

    async def _connect(self, *words: Any, **options: Any) -> PatientConnection:
        if self._is_shut:
            raise DatabaseUnavailable  # A caller that was waiting for a connection would wait for the database now.
        connection = await PatientConnection.connect(*words, **options)
        connection.patience = self._patience
        self._connections.add(connection)
        return connection


async def retry_deadlocks(transact: Callable[[], Awaitable[Done]]) -> Done:
    """What `transact` answers, which is a transaction from beginning to end.

    It is begun anew when the database has ended it because it and others waited for each other. Whoever takes rows by
    the thousand takes each thousand in order, but not all of them.
    """
    for _ in range(DEADLOCKS_BORNE):
        try:
            return await transact()
        except OperationalError as error:
            if not isinstance(error.orig, DeadlockDetected):
                raise
    return await transact()


def _discard_closed(connection: PoolProxiedConnection, *_: object) -> None:
    """Put a pooled line aside that its server has ended, and take another: what a ping asks in a message both ways."""
    driver = connection.driver_connection
    if isinstance(driver, PatientConnection) and driver.closed_by_server():
        raise DisconnectionError


async def bind_reach(session: AsyncSession, reach: Reach) -> None:
    """Bind the session's current transaction to `reach`; it ends with the transaction."""
    await session.execute(
        text("SELECT set_config('maplebridge.scope', :scope, true), set_config('maplebridge.force', :force, true)"),
        {"scope": reach.scope or "", "force": "" if reach.force_id is None else str(reach.force_id)},
    )


def is_disk_full(error: BaseException) -> bool:
    """Whether the database refused to write because its disk is full."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, psycopg.Error) and isinstance(cause, DiskFull)
