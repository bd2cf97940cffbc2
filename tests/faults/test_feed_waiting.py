"""A writer that stays open for long does not delay others, and its event is published in its turn."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import cycle
from random import Random
from time import monotonic

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.incidents.edits import edit
from console.incidents.queries import lock_incident
from console.incidents.rules import Edits
from console.tasks.actions import move_tasks
from geo.store import Store
from tests.faults.conftest import Site
from tests.faults.feed_checking import (
    EVERYTHING,
    check_store,
    compare,
    opened,
    operator_of,
    running,
    sequenced,
    settled,
    views,
)
from tests.faults.feed_clients import Client, Desk, crowd
from tests.worlds import PACK

OPEN_SECONDS, FULL_OPEN_SECONDS = 6.0, 30.0
PATIENCE_SECONDS = 30.0
WRITERS = 4


async def test_a_writer_that_stays_open_does_not_delay_others(
    site: Site, full: bool, rng: Random, record_property: Callable[[str, object], None]
) -> None:
    """Commits of others are published while it is open; its own change comes last and is not lost."""
    ledger, actor = await opened(site), await operator_of(site.store)
    held, *others = ledger.versions
    desk = Desk([site.server.url], dict(site.world.tokens), steady=True)
    clients = crowd(views(site.world), desk, rng, size=len(views(site.world)), lingers=1.0)
    delays: list[float] = []
    async with httpx.AsyncClient(base_url=site.server.url, timeout=60, trust_env=False) as http:
        async with running(client.run(http) for client in clients):
            before = await sequenced(site.store)
            await settled(clients, before)
            async with site.store.transaction(EVERYTHING) as session:
                await change(session, held, actor)
                end = monotonic() + (FULL_OPEN_SECONDS if full else OPEN_SECONDS)
                turns = [others[n::WRITERS] for n in range(WRITERS)]
                await asyncio.gather(*(work(site.store, turn, actor, clients, delays, end=end) for turn in turns))
                assert all(version_at(client, held) == 1 for client in clients if client.view.whole)
            pos = await sequenced(site.store)
            await settled(clients, pos)
        record_property("told meanwhile", f"{len(delays)}, the slowest after {max(delays):.2f} s")
        assert delays and pos == before + len(delays) + 1
        assert all(version_at(client, held) == 2 for client in clients if client.view.whole)
        await compare(clients, desk, http)
    await check_store(site.store, ledger, pos)
    assert (desk.wrongs, desk.left_out) == ([], set())


async def work(
    store: Store, incidents: Sequence[int], actor: Actor, clients: list[Client], delays: list[float], *, end: float
) -> None:
    """Change one incident after another until `end`, each time waiting until all have heard of it."""
    for incident in cycle(incidents):
        if monotonic() > end:
            return
        async with store.transaction(EVERYTHING) as session:
            version = await change(session, incident, actor)
        began = monotonic()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while any(version_at(client, incident) < version for client in clients if client.view.whole):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        delays.append(monotonic() - began)


async def change(session: AsyncSession, incident_id: int, actor: Actor) -> int:
    """Edit an incident, and answer its new version."""
    now = datetime.now(UTC)
    incident = await lock_incident(session, incident_id)
    terms = PACK.incidents
    edits = Edits(title=f"{now}")
    await edit(
        session, incident, edits, expected=None, terms=terms, on_division_change=move_tasks, actor=actor, now=now
    )
    return incident.version


def version_at(client: Client, incident: int) -> int:
    """Which version of an incident a client holds."""
    assert client.state
    version: int = client.state.held["incidents"][incident]["version"]
    return version
