"""After kills of any process every client equals the store, and no change was lost or sent twice."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from time import monotonic

import httpx
import pytest

from geo.store import Store
from tests.faults.conftest import Site
from tests.faults.feed_breaking import Breaking
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


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each, and how often something breaks: seconds at most between one fault and the next."""

    events: int
    clients: int
    writers: int
    rest: float
    lingers: float


SUITE = Size(events=2_000, clients=30, writers=16, rest=1.0, lingers=4.0)
FULL = Size(events=100_000, clients=200, writers=16, rest=8.0, lingers=10.0)


@pytest.mark.timeout(3600)
async def test_every_client_ends_equal_to_the_store(
    site: Site, full: bool, rng: Random, record_property: Callable[[str, object], None]
) -> None:
    size = FULL if full else SUITE
    ledger = await opened(site)
    writers = await writers_of(site, ledger, rng, count=size.writers)
    desk = Desk([site.server.url], dict(site.world.tokens))
    clients = crowd(views(site.world), desk, rng, size=size.clients, lingers=size.lingers)
    breaking = Breaking(site.cluster, site.server, Random(rng.random()), rest=size.rest)
    began = monotonic()
    async with httpx.AsyncClient(base_url=site.server.url, timeout=60, trust_env=False) as http:
        async with running(client.run(http) for client in clients):
            async with writing(writers), breaking.going_on():
                await _written(site.store, size.events)
                await _broken(breaking)
            seconds = monotonic() - began
            desk.steady = True
            pos = await sequenced(site.store)
            await settled(clients, pos)
        record_property("events", f"{pos} in {seconds:.0f} s; {dict(ledger.ends)}")
        record_property("told", f"{desk.events} to {len(clients)} clients in {desk.connections} connections")
        record_property("returns", f"{desk.snapshots} snapshots, {dict(desk.resyncs)}, closed {dict(desk.closes)}")
        record_property("broken", f"{dict(breaking.done)}, seconds until it was back {breaking.returns}")
        assert "IntegrityError" not in ledger.ends, "what the database refuses tries nothing"
        assert desk.wrongs == []
        await compare(clients, desk, http)
    assert desk.left_out <= await leavings(site.store)
    await check_store(site.store, ledger, pos)
    assert complaints(site.server.log) == []


async def _written(store: Store, events: int) -> None:
    while sum(await waiting(store)) < events:  # noqa: ASYNC110
        await asyncio.sleep(0.5)


async def _broken(breaking: Breaking) -> None:
    """Wait until everything has been broken once."""
    while not breaking.rounds:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
