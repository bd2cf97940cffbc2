"""The server is killed while it sweeps overdue deadlines: each fires once, with all that belongs to it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import TextClause, func, select, text, union_all

from console.deadlines.actions import DeadlineRequest, set_deadlines
from console.deadlines.queries import is_open
from console.deadlines.rules import Limit
from console.deadlines.tables import Deadline
from console.feed.tables import LoggedEvent, OutboxEvent
from console.incidents.deadlines import FIRST_RESPONSE
from console.incidents.tables import Incident, TimelineEntry
from geo.store import Reach, Store
from tests.faults.conftest import Site
from tests.reporting import add_incident
from tests.worlds import ROOT

EVERYTHING = Reach(scope=ROOT)
PATIENCE_SECONDS = 300.0


@pytest.mark.timeout(1800)
async def test_deadlines_fire_once_even_if_the_server_is_killed(
    site: Site, full: bool, rng: Random, record_property: Callable[[str, object], None]
) -> None:
    deadlines, kills = (20_000, 10) if full else (2_000, 2)
    await site.server.kill()
    ids = await overdue(site, deadlines)
    seen: list[int] = []
    for _ in range(kills):
        began = await left(site.store)
        await site.server.start()
        await until_left(site.store, began - rng.randrange(deadlines // (2 * kills)))
        await asyncio.sleep(rng.uniform(0, 0.1))
        await site.server.kill()
        seen.append(await left(site.store))
    await site.server.start()
    await until_left(site.store, 0)
    record_property("deadlines open after each kill", seen)
    assert await fired(site.store) == dict.fromkeys(ids, (2, 1, 1))


async def overdue(site: Site, count: int) -> list[int]:
    """Incidents that have waited for an hour, half of it too long; their ids."""
    now = datetime.now(UTC)
    async with site.store.transaction(EVERYTHING) as session:
        first = await add_incident(session, site.world, site.world.micro_grids()[0], at=now - timedelta(hours=1))
        await session.execute(copies(), {"count": count - 1})
        found = (await session.scalars(select(Incident).order_by(Incident.id))).all()
        limit = Limit(30, "minute")
        asked = [DeadlineRequest(one.id, one.division_path, one.registered_at, limit) for one in found]
        await set_deadlines(session, FIRST_RESPONSE, asked)
    assert first in [one.id for one in found] and len(found) == count
    return [one.id for one in found]


def copies() -> TextClause:
    """Repeats the only incident under other case codes."""
    names = ", ".join(column.name for column in Incident.__table__.c if column.name not in ("id", "case_code"))
    return text(f"""
        INSERT INTO incidents (case_code, {names})
        SELECT 'K' || number, {names} FROM incidents, generate_series(1, :count) AS number
    """)


async def left(store: Store) -> int:
    """How many first responses are still waited for."""
    waiting = select(func.count()).select_from(Deadline).where(Deadline.kind == FIRST_RESPONSE, is_open())
    async with store.transaction(EVERYTHING) as session:
        return await session.scalar(waiting) or 0


async def until_left(store: Store, count: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await left(store) > count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def fired(store: Store) -> dict[int, tuple[int, int, int]]:
    """By incident: its version, its entries in the timeline, and its events in the feed."""
    async with store.transaction(EVERYTHING) as session:
        versions = (await session.execute(select(Incident.id, Incident.version))).all()
        entries = Counter(
            await session.scalars(
                select(TimelineEntry.incident_id).where(TimelineEntry.kind == "first_response.overdue")
            )
        )
        # In one statement: the sequencer takes events from one table to the other meanwhile.
        logged = union_all(
            *(select(kept.entity_id).where(kept.kind == "incident") for kept in (LoggedEvent, OutboxEvent))
        )
        events = Counter(await session.scalars(logged))
    return {incident: (version, entries[incident], events[incident]) for incident, version in versions}
