"""The server is killed while it sweeps a thousand clocks that are due at once: each gives notice once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select, text

from api.watch.cases import keeper_of
from console.cases.opening import open_cases
from console.clocks.tables import Clock, ClockMark
from console.incidents.tables import Incident, TimelineEntry
from console.notices.tables import Notice
from geo.store import Store
from tests.faults.conftest import Site
from tests.faults.test_deadlines_fired import EVERYTHING, PATIENCE_SECONDS, copies
from tests.reporting import add_incident
from tests.worlds import PACK

DUE_NOW = (
    """
    UPDATE clocks SET due_at = :at, warn_at = NULL,
        moments = jsonb_build_array(jsonb_build_array('due', CAST(:iso AS text)))
    """,
    "UPDATE deadlines SET due_at = :at WHERE kind = 'clock.moment'",
)


@pytest.mark.timeout(1800)
async def test_clocks_that_are_due_at_once_give_notice_once_even_if_the_server_is_killed(
    site: Site, rng: Random, record_property: Callable[[str, object], None]
) -> None:
    await site.server.kill()
    clocks = await all_due(site, 500)
    assert len(clocks) == 1_000
    seen: list[int] = []
    for share in (3, 2):
        await site.server.start()
        await until_marked(site.store, len(clocks) // share - rng.randrange(100))
        await site.server.kill()
        seen.append(await marked(site.store))
    await site.server.start()
    await until_marked(site.store, len(clocks))
    record_property("clocks marked at each kill", seen)
    async with site.store.transaction(EVERYTHING) as session:
        marks = Counter(await session.scalars(select(ClockMark.clock_id).where(ClockMark.moment == "due")))
        said = await session.execute(
            select(TimelineEntry.incident_id, TimelineEntry.data["clock"].astext).where(
                TimelineEntry.kind == "clock.overdue"
            )
        )
        entries = Counter((incident, clock) for incident, clock in said)
        notices = Counter(await session.scalars(select(Notice.key).where(Notice.kind == "clock.due")))
    assert marks == dict.fromkeys(clocks, 1)
    assert len(entries) == len(clocks) and {*entries.values()} == {1}
    assert len({key.split(":")[1] for key in notices}) == len(clocks) and {*notices.values()} == {1}


async def all_due(site: Site, cases: int) -> list[int]:
    """Open cases with two clocks each, all of which are due now; the clocks' ids."""
    assert PACK.casework is not None
    now = datetime.now(UTC) - timedelta(minutes=1)
    async with site.store.transaction(EVERYTHING) as session:
        await add_incident(session, site.world, site.world.micro_grids()[0], at=now)
        await session.execute(copies(), {"count": cases - 1})
        found = (await session.scalars(select(Incident.id))).all()
        await open_cases(session, PACK.casework, found, actor=keeper_of(EVERYTHING), now=now)
        for statement in DUE_NOW:
            values = {"at": now, "iso": now.isoformat()}
            await session.execute(text(statement), {name: values[name] for name in values if f":{name}" in statement})
        return [*await session.scalars(select(Clock.id))]


async def marked(store: Store) -> int:
    async with store.transaction(EVERYTHING) as session:
        return await session.scalar(select(func.count()).select_from(ClockMark)) or 0


async def until_marked(store: Store, count: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await marked(store) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
