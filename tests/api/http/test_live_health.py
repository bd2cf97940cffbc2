"""Health of the database, the feed and the sources."""

import asyncio
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI

from api.http.routers import health
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import connect
from api.live.live import Live
from console.feed.actions import TRY_LOCK, Change, append
from console.feed.queries import Backlog
from geo.store import Reach, Store
from tests.live.stories import Stage, register
from tests.live.viewing import caught_up, live_of
from tests.worlds import NOW, ClientAs, Clock, World


async def test_all_is_well(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/health")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["status"], found["database"]) == ("ok", "ok")
    assert found["feed"] == {"pos": 0, "lag_ms": 0, "outbox": 0}
    assert found["loops_failing"] == []
    assert found["version"]


async def test_a_silent_source_is_named(
    client: httpx.AsyncClient, client_as: ClientAs, world: World, clock: Clock, app: FastAPI, store: Store
) -> None:
    await register(Stage(client_as, world, clock, store))
    await caught_up(live_of(app))
    operator = client_as("operator")
    (source,) = (await operator.get("/api/health")).json()["sources"]
    assert (source["source"], source["stale"]) == ("hotline", False)
    clock.turn(hours=2)
    found = (await operator.get("/api/health")).json()
    assert found["sources"][0]["stale"] is True
    assert found["status"] == "degraded"
    for other in (client, client_as("wall"), client_as("source")):
        answer = await other.get("/api/health")
        assert answer.json()["troubles"] == [{"code": "source.silent", "name": None, "n": None}]
        assert "hotline" not in answer.text and answer.json()["sources"] == answer.json()["senders"] == []


async def test_a_feed_that_is_behind_reports_its_lag(
    client: httpx.AsyncClient, store: Store, world: World, clock: Clock, app: FastAPI
) -> None:
    """As when another sequencer holds the lock and is stuck."""
    everything = Reach(scope=world.root)
    live = live_of(app)
    async with store.transaction(everything) as stuck:
        await append(stuck, [Change("task", 1, 1, world.root, {})], now=NOW)
    await caught_up(live)
    async with store.transaction(everything) as turn:
        assert await turn.scalar(TRY_LOCK)
        async with store.transaction(everything) as session:
            await append(session, [Change("task", 2, 1, world.root, {})], now=NOW)
        clock.turn(minutes=1)
        found = (await client.get("/api/health")).json()
    assert found["status"] == "degraded"
    assert found["feed"]["outbox"] == 1
    assert found["feed"]["lag_ms"] == 60_000


async def test_a_late_answer_on_a_busy_machine_does_not_mean_that_the_database_is_away(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/api/health")).json()["feed"]["outbox"] == 0
    monkeypatch.setattr(health, "PATIENCE_SECONDS", 0.0)
    found = (await client.get("/api/health")).json()
    assert (found["status"], found["database"], found["feed"]["outbox"]) == ("ok", "ok", 0)
    with monkeypatch.context() as probed:
        probed.setattr(live_of(app), "probe", SimpleNamespace(is_up=False))
        assert (await client.get("/api/health")).json()["status"] == "down"


async def test_many_monitors_share_one_look_at_the_feed(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    read = health._read_backlog

    async def counted(live: Live) -> Backlog | None:
        reads.append("")
        return await read(live)

    monkeypatch.setattr(health, "_read_backlog", counted)
    answers = await asyncio.gather(*(client.get("/api/health") for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200} and len(reads) <= 4


async def test_without_its_database_it_is_down_and_all_loops_recover(
    client: httpx.AsyncClient, cluster: Cluster, store: Store, app: FastAPI, world: World
) -> None:
    live, name = live_of(app), store.engine.url.database
    with connect(cluster.socket) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    answer = await client.get("/api/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["database"]) == (503, "down", "away")
    assert answer.json()["feed"]["lag_ms"] is None
    async with asyncio.timeout(10):
        while not {"feed", "listen"} <= set(live.failing):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    with connect(cluster.socket) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    async with asyncio.timeout(20):
        while live.failing:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    async with store.transaction(live.root) as session:
        await append(session, [Change("task", 1, 1, world.root, {})], now=NOW)
    assert await caught_up(live) == 1
    assert (await client.get("/api/health")).status_code == 200
