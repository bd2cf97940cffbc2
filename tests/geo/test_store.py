"""The pool discards connections that the server has closed."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import Urls, connect
from geo.store import NO_REACH, DatabaseUnavailable, Store, retry_deadlocks
from geo.store.connections import DEADLOCK_RETRIES
from geo.store.patience import PatientConnection

PID = text("SELECT pg_backend_pid()")


async def backend_of(store: Store) -> int:
    async with store.transaction(NO_REACH) as session:
        return int(await session.scalar(PID) or 0)


LOCK = text("SELECT pg_advisory_xact_lock(:key)")


async def test_a_connection_closed_by_the_server_is_not_reused(store: Store, cluster: Cluster) -> None:
    ended = await backend_of(store)
    assert await backend_of(store) == ended
    with connect(cluster.socket) as server:
        server.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    assert await backend_of(store) != ended


async def test_a_connection_closed_in_the_pool_is_not_reused(store: Store) -> None:
    """As when its socket broke while it was idle."""
    async with store.transaction(NO_REACH) as session:
        line = (await (await session.connection()).get_raw_connection()).driver_connection
        closed = int(await session.scalar(PID) or 0)
    assert line is not None
    await line.close()
    assert await backend_of(store) != closed


async def test_a_connection_is_closed_when_the_request_that_opens_it_is_cancelled(
    database: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pool does not have it yet. A reader may give up at any moment."""
    opened: list[PatientConnection] = []

    async def cancelled(connection: PatientConnection) -> None:
        opened.append(connection)
        raise asyncio.CancelledError

    monkeypatch.setattr(PatientConnection, "commit", cancelled)
    store = Store(database.app, patience=5.0)
    with pytest.raises(asyncio.CancelledError):
        await backend_of(store)
    await store.close()
    assert [connection.closed for connection in opened] == [True]


async def test_a_connection_in_use_is_closed_with_the_store(database: Urls) -> None:
    """A task that ends after the store gives its connection to a pool that nobody closes any more."""
    store, begun, go_on = Store(database.app), asyncio.Event(), asyncio.Event()
    lines: list[Any] = []

    async def read() -> None:
        async with store.transaction(NO_REACH) as session:
            lines.append((await (await session.connection()).get_raw_connection()).driver_connection)
            begun.set()
            await go_on.wait()

    late = asyncio.create_task(read())
    await begun.wait()
    await store.close()
    go_on.set()
    await asyncio.gather(late, return_exceptions=True)
    assert [line.closed for line in lines] == [True]
    with pytest.raises(DatabaseUnavailable):
        await backend_of(store)


async def test_after_a_deadlock_one_transaction_is_retried(store: Store) -> None:
    both, begun = asyncio.Barrier(2), []

    async def take(first: int, second: int) -> int:
        begun.append(first)
        async with store.transaction(NO_REACH) as session:
            await session.execute(LOCK, {"key": first})
            if len(begun) <= 2:
                await both.wait()
            await session.execute(LOCK, {"key": second})
        return first

    found = await asyncio.gather(retry_deadlocks(lambda: take(1, 2)), retry_deadlocks(lambda: take(2, 1)))
    assert (found, len(begun)) == ([1, 2], 3)


@pytest.mark.parametrize(("state", "times"), [("40P01", DEADLOCK_RETRIES + 1), ("57014", 1)])
async def test_retries_are_limited_and_for_deadlocks_only(store: Store, state: str, times: int) -> None:
    begun = 0

    async def fail() -> None:
        nonlocal begun
        begun += 1
        async with store.transaction(NO_REACH) as session:
            await session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{state}'; END $$"))

    with pytest.raises(OperationalError):
        await retry_deadlocks(fail)
    assert begun == times
