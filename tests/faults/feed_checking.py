"""A county under writers and clients, and whether all of it is right in the end."""

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
from sqlalchemy import text

from api.watch.cases import open_all
from api.watch.loops import DATABASE_ERRORS
from console.access.queries import actor_of_user
from console.access.rules import Actor
from console.feed import queries
from geo.store import NO_REACH, Reach, Store
from tests.faults.conftest import Site
from tests.faults.feed_clients import Client, Desk, View
from tests.faults.feed_writers import Ledger, Writer
from tests.live.reducer import State
from tests.reporting import report
from tests.worlds import PACK, ROOT, World, user_named

EVERYTHING = Reach(scope=ROOT)
INCIDENTS = 300
SETTLING_SECONDS = 180

LOG = text("SELECT count(*), count(DISTINCT pos), min(pos), max(pos) FROM feed_log")
SKIPS = text("""
SELECT kind, entity_id, before, version FROM (
    SELECT kind, entity_id, version,
        lag(version, 1, least(version - 1, 1)) OVER (PARTITION BY kind, entity_id ORDER BY pos) AS before
    FROM feed_log WHERE body IS NOT NULL) AS logged
WHERE version <> before + 1
""")
"""An entity's changes that were logged out of order, twice, or not at all. Initial states are not logged."""

LEAVINGS = text("SELECT pos FROM feed_log WHERE body IS NULL")

STORED = text("""
SELECT i.id, i.version, coalesce(max(l.version), 1) FROM incidents AS i
LEFT JOIN feed_log AS l ON l.kind = 'incident' AND l.entity_id = i.id GROUP BY i.id
""")
"""Incidents, their versions, and the newest version logged."""

WITHOUT_CASE = text("SELECT count(*) FROM incidents WHERE id NOT IN (SELECT incident_id FROM cases)")

OWN_FAULTS = {"fault", "loop_broke"}


def views(world: World) -> list[View]:
    """Return the clients' views: mostly the county or a town, some villages, walls and patrols."""
    villages = sorted(patch.code for patch in world.patches.values() if patch.level == "village")
    return [
        *[View("operator", whole=True)] * 4,
        View("operator", wall=True),
        View("wall"),
        *[View("operator_west"), View("operator_east")] * 2,
        *[View("supervisor", scope=code) for code in villages],
        *[View(name, force=world.forces[name]) for name in ("patrol_west", "patrol_east")],
    ]


@asynccontextmanager
async def running(works: Iterable[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Works that go on as long as the block; one that fails ends it at once."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()


@asynccontextmanager
async def writing(writers: Iterable[Writer]) -> AsyncIterator[None]:
    """Writers at work as long as the block; each then ends what it has begun."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for writer in writers:
            group.create_task(writer.run(enough))
        yield
        enough.set()


async def opened(site: Site, *, incidents: int = INCIDENTS) -> Ledger:
    """Report the first incidents, on which all writers work, and open their cases."""
    ledger, grids = Ledger(), site.world.micro_grids()
    for n in range(incidents):
        incident = await report(site.store, site.world, grids[n % len(grids)], at=datetime.now(UTC))
        ledger.versions[incident] = 1
    await _open_cases(site.store)
    return ledger


async def _open_cases(store: Store) -> None:
    """Open the missing cases as the server does once a minute: what it opens later would be events of its own time."""
    assert PACK.casework is not None
    await open_all(store, PACK.casework, root=EVERYTHING, now=lambda: datetime.now(UTC))


async def writers_of(site: Site, ledger: Ledger, rng: Random, *, count: int) -> list[Writer]:
    actor = await operator_of(site.store)
    return [
        Writer(n, store=site.store, world=site.world, actor=actor, ledger=ledger, seed=rng.random())
        for n in range(count)
    ]


async def operator_of(store: Store) -> Actor:
    async with store.transaction(NO_REACH) as session:
        return actor_of_user(await user_named(session, "operator"))


async def waiting(store: Store) -> tuple[int, int]:
    """How far the feed is, and how much waits for its position."""
    while True:
        with suppress(*DATABASE_ERRORS):
            async with store.transaction(EVERYTHING, snapshot=True) as session:
                return (await queries.head(session)).pos, (await queries.backlog(session)).events
        await asyncio.sleep(0.2)


async def sequenced(store: Store) -> int:
    """Wait until every incident has its case and every change its position, and answer the last one."""
    async with asyncio.timeout(SETTLING_SECONDS):
        while True:
            cases, (pos, left) = await _without_case(store), await waiting(store)
            if not cases and not left:
                return pos
            await asyncio.sleep(0.2)


async def _without_case(store: Store) -> int:
    """Count the incidents without a case, after opening those that the server is not about to open."""
    while True:
        with suppress(*DATABASE_ERRORS):
            await _open_cases(store)
            async with store.transaction(EVERYTHING) as session:
                return int((await session.execute(WITHOUT_CASE)).scalar_one())
        await asyncio.sleep(0.2)


async def settled(clients: list[Client], pos: int) -> None:
    async with asyncio.timeout(SETTLING_SECONDS):
        while any(client.state is None or client.state.pos < pos for client in clients):  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def compare(clients: list[Client], desk: Desk, http: httpx.AsyncClient) -> None:
    """Each client's state with a snapshot made now."""
    fresh = {view: State(await desk.snapshot(http, view)) for view in {client.view for client in clients}}
    now = datetime.now(UTC)
    for client in clients:
        assert client.state
        wanted = fresh[client.view]
        assert client.state.pos == wanted.pos
        assert _differences(client, wanted, now) == []


def _differences(client: Client, fresh: State, now: datetime) -> list[tuple[str, object, object]]:
    """Entities of which client and snapshot know different things: what each holds of them."""
    assert client.state
    held, wanted = (state.settled(now) for state in (client.state, fresh))
    ours, theirs = ({(kind, body["id"]): body for kind in found for body in found[kind]} for found in (held, wanted))
    return [
        (client.view.username, ours.get(key), theirs.get(key))
        for key in {*ours, *theirs}
        if ours.get(key) != theirs.get(key)
    ]


async def leavings(store: Store) -> set[int]:
    """Return the positions of leavings, at which audiences that still see the entity are sent nothing."""
    async with store.transaction(EVERYTHING) as session:
        return set(await session.scalars(LEAVINGS))


async def check_store(store: Store, ledger: Ledger, pos: int) -> None:
    async with store.transaction(EVERYTHING) as session:
        assert (await session.execute(LOG)).one() == (pos, pos, 1, pos)
        assert (await session.execute(SKIPS)).all() == []
        stored = {row[0]: (row[1], row[2]) for row in await session.execute(STORED)}
    assert [row for row in stored.items() if row[1][0] != row[1][1]] == []
    assert [known for known in ledger.versions.items() if stored[known[0]][0] < known[1]] == []


def complaints(log: Path) -> list[str]:
    """Return the server's internal errors in its log; those of its database have other names."""
    said = [line for line in log.read_text(errors="replace").splitlines() if line.startswith("{")]
    return [line[:3000] for line in said if json.loads(line)["event"] in OWN_FAULTS]
