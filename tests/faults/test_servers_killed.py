"""Two servers on one database, with NATS between them: kills of either and a cut of NATS lose and double nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.browser.server import Server
from tests.faults.conftest import Site
from tests.faults.feed_checking import (
    check_store,
    compare,
    complaints,
    leavings,
    opened,
    running,
    sequenced,
    settled,
    views,
    waiting,
    writers_of,
    writing,
)
from tests.faults.feed_clients import Desk, crowd
from tests.faults.nats_server import Nats, needs_nats

pytestmark = needs_nats


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each; `each`: events between one fault and the next; `cut`: seconds without NATS."""

    events: int
    clients: int
    writers: int
    incidents: int
    each: int
    cut: float


SUITE = Size(events=400, clients=24, writers=8, incidents=60, each=60, cut=0.5)
FULL = Size(events=100_000, clients=400, writers=16, incidents=300, each=4_000, cut=60.0)


@pytest.fixture
async def nats(folder: Path) -> AsyncIterator[Nats]:
    server = Nats(folder)
    await server.start()
    yield server
    await server.kill()


@pytest.fixture
def nats_url(nats: Nats) -> str:
    return nats.url


@pytest.fixture
async def second(site: Site, nats_url: str) -> AsyncIterator[Server]:
    """Another server on the site's database."""
    folder = site.folder / "second"
    folder.mkdir()
    server = Server(site.urls, folder, nats_url=nats_url)
    await server.start()
    yield server
    await server.stop()


@dataclass(slots=True)
class Breaking:
    """Kills either server, NATS with what it has stored, and stalls NATS: in each round once each, in any order."""

    site: Site
    second: Server
    nats: Nats
    size: Size

    def round(self, rng: Random) -> list[Callable[[], Awaitable[None]]]:
        acts = [rng.choice([self.kill_first, self.kill_second]), self.cut_nats, self.stall_nats]
        return rng.sample(acts, len(acts))

    async def kill_first(self) -> None:
        await self._kill(self.site.server)

    async def kill_second(self) -> None:
        await self._kill(self.second)

    async def _kill(self, server: Server) -> None:
        await server.kill()
        await server.start()

    async def cut_nats(self) -> None:
        await self.nats.kill(forget=True)
        await asyncio.sleep(self.size.cut)
        await self.nats.start()

    async def stall_nats(self) -> None:
        self.nats.stall()
        await asyncio.sleep(self.size.cut)
        self.nats.go_on()


@pytest.mark.timeout(3600)
async def test_clients_of_both_servers_end_equal_to_the_store(
    site: Site, second: Server, nats: Nats, full: bool, rng: Random, record_property: Callable[[str, object], None]
) -> None:
    size = FULL if full else SUITE
    ledger = await opened(site, incidents=size.incidents)
    writers = await writers_of(site, ledger, rng, count=size.writers)
    desk = Desk([site.server.url, second.url], dict(site.world.tokens))
    clients = crowd(views(site.world), desk, rng, size=size.clients, lingers=4.0)
    breaking = Breaking(site, second, nats, size)
    done: list[str] = []
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        async with running(client.run(http) for client in clients):
            async with writing(writers):
                while sum(await waiting(site.store)) < size.events:
                    for act in breaking.round(rng):
                        await _grown(site, size.each)
                        await act()
                        done.append(act.__name__)
            desk.steady = True
            pos = await sequenced(site.store)
            await settled(clients, pos)
        record_property("events", f"{pos}; {done}; {desk.snapshots} snapshots, {dict(desk.resyncs)}")
        record_property("carried", [await _carried(http, server) for server in (site.server, second)])
        assert desk.wrongs == []
        await compare(clients, desk, http)
    assert desk.left_out <= await leavings(site.store)
    await check_store(site.store, ledger, pos)
    assert complaints(site.server.log) == complaints(second.log) == []


async def _grown(site: Site, events: int) -> None:
    target = sum(await waiting(site.store)) + events
    while sum(await waiting(site.store)) < target:  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def _carried(http: httpx.AsyncClient, server: Server) -> list[str]:
    """Return the lines of the server's metrics that count the other's batches."""
    text = (await http.get(f"{server.url}/metrics")).text
    return [line for line in text.splitlines() if line.startswith("maplebridge_broker_batches_total")]
