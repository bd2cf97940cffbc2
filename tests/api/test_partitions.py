"""Partitions are added while people work."""

import asyncio
from datetime import date

from sqlalchemy import func, select, text

from console.incidents.tables import Incident, TimelineEntry
from geo.store import Reach, Store
from tests.matters import report
from tests.worlds import NOW, ROOT, World

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


async def add_partitions(store: Store) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(select(func.add_partitions(date(2031, 1, 1), 3)))


async def someone_waits(store: Store) -> None:
    while True:
        async with store.transaction(Reach(scope=ROOT)) as session:
            if await session.scalar(WAITING):
                return


async def test_a_new_month_and_an_action_do_not_wait_for_each_other(store: Store, world: World) -> None:
    """An action has changed its incident and has yet to write the timeline when the month's partition is made."""
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
