"""Partitions are added while the server is in use."""

import asyncio
from contextlib import suppress
from datetime import date
from time import monotonic

import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from console.feed.actions import Change, append, sequence
from console.incidents.tables import Incident, TimelineEntry
from geo.store import Reach, Store
from tests.reporting import report
from tests.worlds import NOW, ROOT, World

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


MOST_PATIENT_SECONDS = 3.0


async def add_partitions(store: Store) -> None:
    """Retry, as the server does, until no lock is in the way."""
    while True:
        try:
            async with store.transaction(Reach(scope=ROOT)) as session:
                await session.execute(select(func.add_partitions(date(2021, 1, 1), 3)))
                return
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable):
                raise
            await asyncio.sleep(0.1)


async def someone_waits(store: Store) -> None:
    while True:
        async with store.transaction(Reach(scope=ROOT)) as session:
            if await session.scalar(WAITING):
                return


async def test_a_new_partition_and_an_action_do_not_deadlock(store: Store, world: World) -> None:
    """An action has changed its incident and has yet to write the timeline when the month's partition is created."""
    incident_id = await report(store, world, world.micro_grids()[0])
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await session.get_one(Incident, incident_id, with_for_update=True)
        incident.version += 1
        await session.flush()
        adding = asyncio.create_task(add_partitions(store))
        await asyncio.wait_for(someone_waits(store), timeout=10)
        path = incident.division_path
        session.add(TimelineEntry(at=NOW, incident_id=incident_id, kind="edited", data={}, division_path=path))
    await asyncio.wait_for(adding, timeout=10)


@pytest.mark.parametrize("days_over", [False, True])
async def test_actions_do_not_wait_for_a_partition_that_waits_for_a_long_transaction(
    days_over: bool, store: Store, world: World
) -> None:
    """A backup reads every table for an hour, and meanwhile a day begins or ends."""
    if days_over:
        await add_partitions(store)
    words = "drop_partitions('feed_log', '2021-03-01')" if days_over else "add_partitions('2021-01-01', 3)"
    async with store.transaction(Reach(scope=ROOT)) as backup:
        await backup.execute(text("LOCK TABLE incidents, timeline, feed_log IN ACCESS SHARE MODE"))
        await backup.execute(text("LOCK TABLE incidents IN ROW EXCLUSIVE MODE"))
        keeping = asyncio.create_task(keep(store, words))
        await asyncio.wait_for(someone_waits(store), timeout=10)
        began, path = monotonic(), world.micro_grids()[0]
        incident = await report(store, world, path)
        async with store.transaction(Reach(scope=ROOT)) as session:
            session.add(TimelineEntry(at=NOW, incident_id=incident, kind="edited", data={}, division_path=path))
            await append(session, [Change("incident", incident, 2, path, {})], now=NOW)
        async with store.transaction(Reach(scope=ROOT)) as session:
            assert await sequence(session, limit=1, now=NOW) == 1
        assert monotonic() - began < MOST_PATIENT_SECONDS
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def keep(store: Store, words: str) -> None:
    """Repeat without end."""
    while True:
        with suppress(OperationalError):
            async with store.transaction(Reach(scope=ROOT)) as session:
                await session.execute(text(f"SELECT {words}"))
        await asyncio.sleep(0.5)
