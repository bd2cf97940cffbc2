"""The server, its PostgreSQL, or both are killed while reports come in: what was acknowledged is there, once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import monotonic

import httpx
import pytest
from sqlalchemy import select

from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import urls_of
from console.incidents.tables import Incident
from geo.store import Store
from tests.browser.server import Server
from tests.faults.feed_breaking import kill_whole
from tests.faults.feed_checking import EVERYTHING, complaints, running
from tests.faults.feed_clients import Client, Desk, View, crowd
from tests.faults.kill_reporters import Receipts, Reporter
from tests.worlds import World, settle

REPORTERS, CONSOLES = 8, 10
FEWEST, MOST = 50, 200
"""Reports that are acknowledged between one kill and the next."""

BACK_SECONDS = 120.0
"""After which the test gives up. A quiet machine of two cores recovers in a few seconds; the time is reported."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A server with a private cluster of its own, as `maplebridge serve` has without further settings."""

    cluster: Cluster
    server: Server
    world: World

    async def kill_server(self) -> None:
        """Its keeper starts it again."""
        await self.server.kill()
        await self.server.start()

    async def kill_postgres(self) -> None:
        """Leave the server as it is."""
        kill_whole(self.cluster)

    async def kill_both(self) -> None:
        """As when the machine loses its power."""
        await self.server.kill()
        kill_whole(self.cluster)
        await self.server.start()

    async def back(self, http: httpx.AsyncClient) -> None:
        """Wait until the server says that all is well, which it does not while its database is away."""
        async with asyncio.timeout(BACK_SECONDS):
            while not await self._is_well(http):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def _is_well(self, http: httpx.AsyncClient) -> bool:
        try:
            return (await http.get("/api/health")).status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
async def alone(folder: Path) -> AsyncIterator[Alone]:
    cluster = Cluster(folder / "state")
    with cluster.held() as urls:
        migrate(urls.owner)
        store = Store(urls.app, pool_size=2)
        world = await settle(store, now=datetime.now(UTC))
        await store.close()
    server = Server(None, folder / "state")
    await server.start()
    yield Alone(cluster, server, world)
    await server.stop()
    async with asyncio.timeout(BACK_SECONDS):
        while cluster.is_running():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.timeout(1800)
async def test_acknowledged_changes_are_stored_exactly_once(
    alone: Alone, full: bool, rng: Random, record_property: Callable[[str, object], None]
) -> None:
    receipts, enough = Receipts(), asyncio.Event()
    desk = Desk([alone.server.url], dict(alone.world.tokens), steady=True)
    consoles = crowd([View("operator", whole=True)], desk, rng, size=CONSOLES, lingers=1.0)
    returns: list[tuple[str, float]] = []
    http = httpx.AsyncClient(base_url=alone.server.url, timeout=30, trust_env=False)
    async with http, running(console.run(http) for console in consoles):
        async with asyncio.TaskGroup() as group:
            for n in range(REPORTERS):
                reporter = Reporter(n, http=http, world=alone.world, receipts=receipts, seed=rng.random())
                group.create_task(reporter.run(enough))
            for kill in kills(alone, rng, rounds=5 if full else 1):
                await receipts.grown(rng.randint(FEWEST, MOST))
                began = monotonic()
                await kill()
                await alone.back(http)
                returns.append((kill.__name__, round(monotonic() - began, 1)))
            await receipts.grown(FEWEST)
            enough.set()
        await all_received(consoles, len(receipts.ids))
    record_property("acknowledged", f"{len(receipts.ids)}, answers {dict(receipts.answers)}")
    record_property("seconds until all was well", returns)
    assert receipts.wrongs == desk.wrongs == complaints(alone.server.log) == []
    assert await stored(alone) == sorted(receipts.ids.items())


def kills(alone: Alone, rng: Random, *, rounds: int) -> list[Callable[[], Awaitable[None]]]:
    acts = [alone.kill_server, alone.kill_postgres, alone.kill_both]
    return [act for _ in range(rounds) for act in rng.sample(acts, len(acts))]


async def all_received(consoles: list[Client], count: int) -> None:
    """Wait until every console shows as many incidents as were acknowledged."""
    async with asyncio.timeout(BACK_SECONDS):
        while any(shown(console) < count for console in consoles):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


def shown(console: Client) -> int:
    return len(console.state.held["incidents"]) if console.state else 0


async def stored(alone: Alone) -> list[tuple[str, int]]:
    store = Store(urls_of(alone.cluster.socket).app, pool_size=1)
    async with store.transaction(EVERYTHING) as session:
        found = await session.execute(select(Incident.title, Incident.id))
    await store.close()
    return sorted((title, number) for title, number in found)
