"""Several servers on one database serve one feed and the same positions: with NATS, without it, and after its end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

import httpx
import orjson
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.keeping.commands import broker_check
from api.keeping.commands.broker_check import check_broker
from api.keeping.postgres.roles import Urls
from api.live import broker
from api.live.batches import Batch, common_division, decoded, encoded
from api.live.live import Live
from api.settings import Settings
from api.watch import loops
from api.watch.troubles import BROKER_AWAY
from console.feed import queries
from console.feed.rules import Cursor, Event, Visibility
from geo.store import Reach, Store
from tests.faults.nats_server import Nats, needs_nats
from tests.live.test_socket import incident, publish
from tests.live.viewing import live_of
from tests.worlds import NOW, PACK, ROOT, World

PATIENCE_SECONDS = 20.0


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class Start(Protocol):
    """Starts `many` servers on the test's database."""

    async def __call__(self, nats_url: str | None, *, many: int = 2) -> "Servers": ...


class Servers:
    """Two started servers' live parts, and the events that each has published, in its order."""

    def __init__(self, *apps: FastAPI) -> None:
        self.apps = apps
        self.lives: list[Live] = [live_of(app) for app in apps]
        self.published: list[list[Event]] = [[] for _ in apps]
        self.carried = 0
        for live, published in zip(self.lives, self.published, strict=True):
            self._watch(live, published)

    def _watch(self, live: Live, published: list[Event]) -> None:
        publish, receive = live.hub.publish, live.feed_publisher.receive

        def published_here(events: Sequence[Event], upto: int) -> None:
            published.extend(events)
            publish(events, upto)

        def received(batch: Batch) -> None:
            before = live.hub.head.pos
            receive(batch)
            self.carried += live.hub.head.pos > before

        live.hub.publish = published_here  # type: ignore[method-assign, assignment]
        if live.broker:
            live.broker._receive = received

    @property
    def brokers(self) -> list[broker.Broker]:
        return [live.broker for live in self.lives if live.broker]

    async def carry(self, store: Store, world: World, first: int) -> None:
        """Make changes while all are connected until some were published as NATS brought them: a busy machine may read
        the first ones from the store sooner.
        """
        carried = self.carried
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.carried == carried:
                await until(lambda: all(one.is_connected for one in self.brokers))
                await change(store, world, first, many=10)
                await self.equal_the_store(store)
                first += 10

    async def equal_the_store(self, store: Store) -> None:
        """Wait until both have published all there is; each position once, in order, and as it is stored."""
        async with store.transaction(Reach(scope=ROOT)) as session:
            head = await queries.head(session)
            logged = await queries.events_between(session, 0, head.pos, limit=10_000)
        await until(lambda: all(live.hub.head.pos >= head.pos for live in self.lives))
        for published in self.published:
            assert [event for event in published if event.pos <= head.pos] == logged
            assert [event.pos for event in logged] == [*range(1, head.pos + 1)]


@pytest.fixture
async def start(database: Urls, world: World, tmp_path: Path) -> AsyncIterator[Start]:
    async with AsyncExitStack() as stack:

        async def started(nats_url: str | None, *, many: int = 2) -> Servers:
            settings = Settings(data_dir=tmp_path, static_dir=tmp_path, nats_url=nats_url)
            servers = Servers(*(create_app(settings, pack=PACK, store=Store(database.app)) for _ in range(many)))
            for app in servers.apps:
                await stack.enter_async_context(app.router.lifespan_context(app))
            return servers

        yield started


@pytest.fixture
async def nats(tmp_path: Path) -> AsyncIterator[Nats]:
    server = Nats(tmp_path)
    await server.start()
    yield server
    await server.kill()


async def change(store: Store, world: World, first: int, *, many: int = 40) -> None:
    for n in range(first, first + many):
        await publish(store, world, incident(n, world.west if n % 2 else world.east))


async def test_two_servers_publish_the_same_and_show_each_others_positions(
    start: Start, store: Store, world: World
) -> None:
    servers = await start(None)
    await change(store, world, 1)
    await servers.equal_the_store(store)
    first, second = servers.lives
    force = world.forces["patrol_west"]
    fix = {"force": force, "at": datetime.now(UTC).isoformat(), "lon": 120.61, "lat": 31.12}
    headers = {"Authorization": f"Bearer {world.tokens['gateway']}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=servers.apps[0]), base_url="http://maplebridge.test", headers=headers
    ) as gateway:
        assert (await gateway.post("/api/positions", json={"fixes": [fix]})).json()["ok"] == 1
    await until(lambda: force in second.force_positions.latest)
    assert second.force_positions.latest[force] == first.force_positions.latest[force]
    await until(lambda: any(one.source.startswith("positions.") for one in second.sources.states(second.now())))


async def test_a_server_that_knows_no_other_neither_tells_nor_reads_positions(
    start: Start, database: Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone,) = (await start(None, many=1)).lives
    told: list[str] = []
    for name in ("_announce", "_look"):
        monkeypatch.setattr(alone.neighbours, name, partial(told.append, name))
    alone.neighbours.note_stored()
    alone.neighbours.note_source("positions.own")
    await alone.neighbours.step()
    assert told == [] and not alone.neighbours._stored and not alone.neighbours._sources


@needs_nats
async def test_what_nats_carries_loses_and_forgets_is_one_feed(
    start: Start, store: Store, world: World, nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room, name, seconds in ((loops, "LONGEST_WAIT", 0.1), (broker, "CONNECT_SECONDS", 0.5)):
        monkeypatch.setattr(room, name, seconds)
    servers = await start(nats.url)
    await servers.carry(store, world, 1)
    await nats.kill(forget=True)
    await change(store, world, 101)
    await servers.equal_the_store(store)
    await until(lambda: all(BROKER_AWAY in {one.code for one in live.troubles(lag_ms=0)} for live in servers.lives))
    await nats.start()
    await servers.carry(store, world, 201)
    monkeypatch.setattr(broker, "SILENCE_SECONDS", 0.5)
    monkeypatch.setattr(broker, "BEAT_SECONDS", 0.1)
    deaf = servers.brokers[1]._client
    assert deaf
    deaf._subs.clear()  # As a subscription that the server has forgotten: all is quiet, and publishing succeeds.
    await until(lambda: servers.brokers[1]._client not in (deaf, None))
    await servers.carry(store, world, 301)
    nats.stall()
    await change(store, world, 401)
    await servers.equal_the_store(store)
    await until(lambda: not any(one.is_connected for one in servers.brokers))
    nats.go_on()
    await servers.carry(store, world, 501)


@needs_nats
async def test_the_doctor_sends_a_message_and_names_the_host_alone(
    nats: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = nats.url.replace("//", "//keeper:hidden@")
    good = await asyncio.to_thread(check_broker, Settings(data_dir=tmp_path, nats_url=url))
    await nats.kill()
    monkeypatch.setattr(broker_check, "PATIENCE_SECONDS", 0.5)
    bad = await asyncio.to_thread(check_broker, Settings(data_dir=tmp_path, nats_url=url))
    assert (good.good, bad.good) == (True, False) and "hidden" not in f"{good} {bad}"
    assert check_broker(Settings(data_dir=tmp_path)).good


def test_a_batch_comes_out_as_it_went_in() -> None:
    seen, kept = Visibility("c.w", frozenset({2, 1})), Visibility("c.e")
    events = [
        Event(5, NOW, "task", 1, 2, seen, {"id": 1, "title": "漏水"}),
        Event(6, NOW, "task", 1, 2, seen, None, kept),
    ]
    batch = Batch("epoch", 4, 6, events)
    assert batch.continues(Cursor("epoch", 4)) and batch.is_known(Cursor("epoch", 6))
    assert not any(batch.continues(Cursor(*head)) for head in (("epoch", 3), ("epoch", 5), ("other", 4)))
    assert not Batch("epoch", 4, 6, events[1:]).continues(Cursor("epoch", 4)), "a position is missing"
    assert decoded(orjson.loads(orjson.dumps(encoded(batch)))) == batch
    large = Batch("epoch", 4, 6, None)
    assert decoded(encoded(large)) == large


@pytest.mark.parametrize(
    ("paths", "common"), [([], ""), (["c.w.1"], "c.w.1"), (["c.w.1", "c.w.12"], "c.w"), (["c", "c.w"], "c")]
)
def test_a_batch_goes_to_the_smallest_division_with_all_its_events(paths: list[str], common: str) -> None:
    assert common_division(paths) == common
