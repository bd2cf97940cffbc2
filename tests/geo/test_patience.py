"""Waits for the database are bounded, and a shut store does not wait."""

import asyncio
import time
from typing import Any

import pytest
from psycopg import OperationalError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.keeping.postgres.roles import Urls, conninfo_of
from geo.store import NO_REACH, DatabaseUnavailable, Store
from geo.store.patience import PatientConnection

LONG = "SELECT pg_sleep(600)"


async def test_a_connection_is_aborted_after_its_patience(database: Urls) -> None:
    line = await PatientConnection.connect(conninfo_of(database.app), autocommit=True)
    line.patience = 0.2
    with pytest.raises(OperationalError):
        await line.execute(LONG)
    assert line.closed
    await line.close()


async def test_a_cancelled_query_returns_at_once(database: Urls) -> None:
    """psycopg would ask the server to cancel, and wait for a server that may not respond."""
    line = await PatientConnection.connect(conninfo_of(database.app), autocommit=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await line.execute(LONG)
    assert line.closed
    await line.close()


async def test_a_connection_whose_answer_had_come_when_its_wait_was_cancelled_is_closed(database: Urls) -> None:
    """Then nothing is under way at the server, and psycopg leaves it open for whoever comes back."""
    line = await PatientConnection.connect(conninfo_of(database.app), autocommit=True)
    query = asyncio.create_task(line.execute("SELECT 1"))
    while not query.done() and not line.closed_by_server():  # noqa: ASYNC110 - the answer is at hand, unread.
        await asyncio.sleep(0)
    query.cancel()
    with pytest.raises(asyncio.CancelledError):
        await query
    assert line.closed
    line.abort()


async def test_shutting_a_store_aborts_queries_and_refuses_new_transactions(store: Store) -> None:
    async def wait() -> None:
        async with store.transaction(NO_REACH) as session:
            await session.execute(text(LONG))

    waiting = [asyncio.create_task(wait()) for _ in range(30)]
    async with asyncio.timeout(30):
        while store.engine.pool.checkedout() < 10:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    began = time.monotonic()
    store.shut()
    ends = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(end, DBAPIError | DatabaseUnavailable) for end in ends), ends
    assert time.monotonic() - began < 300, "it would have been 600 seconds"
    with pytest.raises(DatabaseUnavailable):
        await wait()
    store.reopen()
    async with store.transaction(NO_REACH) as session:
        assert await session.scalar(text("SELECT 1")) == 1


async def test_a_connection_finished_after_the_store_was_shut_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect, made, go_on = PatientConnection.connect, list[PatientConnection](), asyncio.Event()

    async def connect_slowly(*words: Any, **options: Any) -> PatientConnection:
        connection = await connect(*words, **options)
        made.append(connection)
        await go_on.wait()
        return connection

    async def ask() -> Any:
        async with store.transaction(NO_REACH) as session:
            return await session.scalar(text("SELECT 1"))

    monkeypatch.setattr(PatientConnection, "connect", connect_slowly)
    asking = [asyncio.create_task(ask()) for _ in range(10)]
    async with asyncio.timeout(30):
        while len(made) < 10:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    store.shut()
    go_on.set()
    ends = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(end) for end in ends} == {DatabaseUnavailable}, ends
    assert all(connection.closed for connection in made)


async def test_a_servers_waits_are_bounded_and_a_commands_are_not(database: Urls) -> None:
    server, command = Store(database.app, patience=0.2), Store(database.app)
    with pytest.raises(DBAPIError):
        async with server.transaction(NO_REACH) as session:
            await session.execute(text(LONG))
    async with command.transaction(NO_REACH) as session:
        await session.execute(text("SELECT pg_sleep(1)"))
    await server.close()
    await command.close()
