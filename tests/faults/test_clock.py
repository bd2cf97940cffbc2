"""The system's clock is set back by an hour while people work, and forward by mistake."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text

from api.http.sign_in.sessions import COOKIE
from api.watch.clock import SteadyClock
from api.watch.clock_watch import ClockWatch
from console.feed.tables import LoggedEvent
from console.incidents.tables import Incident
from geo.store import Reach, Store
from tests.api.conftest import app, client, client_as, clock, settings
from tests.live.stories import Stage, accept, arrive, assign, close, depart, edit, finish, register, report
from tests.live.viewing import Viewer, caught_up, disagreements, live_of
from tests.worlds import NOW, PASSWORD, ClientAs, Clock, World

__all__ = ["app", "client", "client_as", "clock", "settings"]

PATIENCE_SECONDS = 30
CREDENTIALS = {"username": "operator", "password": PASSWORD}


@pytest.fixture
def stage(client_as: ClientAs, world: World, clock: Clock, store: Store) -> Stage:
    return Stage(client_as, world, clock, store)


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not what():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def health(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/api/health")).json()
    return found


async def test_followers_match_a_fresh_snapshot_after_a_clock_step(
    stage: Stage, app: FastAPI, store: Store, world: World, clock: Clock, client_as: ClientAs
) -> None:
    """Set back by an hour during an incident, and by more across midnight of the feed's days."""
    live = live_of(app)
    viewers = [Viewer(name, wall, client_as, live) for name, wall in (("operator", False), ("operator", True))]
    for viewer in viewers:
        await viewer.begin()
    for step in (register, assign, accept):
        await step(stage)
    clock.set(hours=-1)
    await depart(stage)
    clock.set(hours=-3)
    for step in (arrive, edit, finish):
        await step(stage)
    assert await caught_up(live) > 0
    assert await disagreements(viewers) == []
    async with store.transaction(Reach(scope=world.root)) as session:
        positions = list(await session.scalars(select(LoggedEvent.pos).order_by(LoggedEvent.pos)))
    assert positions == list(range(1, len(positions) + 1))


async def test_a_timeline_and_a_replay_keep_the_order_in_which_things_happened(
    stage: Stage, clock: Clock, app: FastAPI
) -> None:
    for step in (register, assign, accept):
        await step(stage)
    clock.set(hours=-1)
    for step in (depart, arrive):
        await step(stage)
    path = f"/api/incidents/{stage.incident['id']}/timeline"
    kinds = [entry["kind"] for entry in (await stage.call("operator", "GET", path))["items"]]
    assert kinds == ["registered", "case.opened", "task.assigned", "task.accepted", "task.departed", "task.arrived"]
    await caught_up(live_of(app))
    clock.turn(hours=2)
    replayed = await stage.call("operator", "GET", "/api/replay", params={"at": clock().isoformat()})
    assert [task["status"] for task in replayed["tasks"]] == ["arrived"]


async def test_a_session_in_use_continues_and_an_ended_one_stays_ended(client: httpx.AsyncClient, clock: Clock) -> None:
    await client.post("/api/session", json=CREDENTIALS)
    clock.set(hours=-1)
    assert (await client.get("/api/me")).status_code == 200
    clock.turn(minutes=59)
    assert (await client.get("/api/me")).status_code == 200
    secret = client.cookies[COOKIE]
    clock.turn(minutes=61)
    assert (await client.get("/api/me")).status_code == 401, "idle for longer than an hour"
    clock.set(hours=-1)
    assert (await client.get("/api/me", headers={"Cookie": f"{COOKIE}={secret}"})).status_code == 401


async def test_a_delay_of_sign_ins_does_not_last_an_hour_longer(client: httpx.AsyncClient, clock: Clock) -> None:
    for _ in range(5):
        await client.post("/api/session", json=CREDENTIALS | {"password": "Wrong-words-1"})
    assert (await client.post("/api/session", json=CREDENTIALS)).status_code == 429
    clock.set(hours=-1)
    clock.turn(minutes=16)
    assert (await client.post("/api/session", json=CREDENTIALS)).status_code == 200


async def test_an_unanswered_task_is_warned_of_in_time(stage: Stage, store: Store, world: World, clock: Clock) -> None:
    for step in (register, assign):
        await step(stage)
    clock.set(hours=-1)
    clock.turn(minutes=3)
    operator = stage.client_as("operator")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (await operator.get("/api/tasks")).json()["items"][0]["warned_at"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert clock() < NOW


async def test_forces_keep_moving(client_as: ClientAs, world: World, clock: Clock) -> None:
    async def report(lon: float, at: datetime) -> str:
        fix = {"force": world.forces["patrol_west"], "at": at.isoformat(), "lon": lon, "lat": 31.12}
        answer = await client_as("gateway").post("/api/positions", json={"fixes": [fix]})
        return str(answer.json()["items"][0]["flag"])

    async def shown() -> list[float]:
        snapshot = (await client_as("operator").get("/api/snapshot")).json()
        return list(snapshot["fixes"]["lon"])

    assert await report(120.601, clock()) == "ok"
    before = clock()
    clock.set(hours=-1)
    assert await report(120.602, before) == "future", "a phone that kept the right time"
    assert await report(120.603, clock()) == "ok", "and one that takes its time from here"
    assert await shown() == [120.603]
    clock.turn(minutes=1)
    assert await report(120.604, clock()) == "ok"
    assert await shown() == [120.604]


async def test_hotspots_count_every_incident_once_after_the_clock_is_corrected(
    stage: Stage, client_as: ClientAs, clock: Clock
) -> None:
    async def counted() -> int:
        found = (await client_as("operator").get("/api/hotspots", params={"res": 9, "window": "24h"})).json()
        return int(found["total"])

    await register(stage)
    clock.set(hours=-1)
    await stage.call("source", "POST", "/api/incidents", json=report(stage, path=5))
    assert await counted() == 2
    clock.set(hours=1)
    assert await counted() == 2


async def test_health_reports_a_clock_step_and_its_size(client: httpx.AsyncClient, clock: Clock, app: FastAPI) -> None:
    live = live_of(app)
    assert (await health(client))["clock"]["stepped_s"] == 0
    clock.set(hours=-1)
    await until(lambda: bool(live.clock_watch.stepped))
    found = await health(client)
    assert -3610 < found["clock"]["stepped_s"] < -3590
    assert found["status"] == "degraded"
    assert [(trouble["code"], trouble["n"]) for trouble in found["troubles"]] == [
        ("clock.stepped", round(found["clock"]["stepped_s"]))
    ]
    clock.set(hours=1)
    await until(lambda: not live.clock_watch.stepped)
    assert (await health(client))["status"] == "ok", "it was set right again"


async def test_a_source_that_falls_silent_as_the_clock_is_set_back_is_named_in_time(
    stage: Stage, clock: Clock, app: FastAPI
) -> None:
    await register(stage)
    await caught_up(live_of(app))
    clock.set(hours=-1)
    await until(lambda: live_of(app).clock_watch.stepped < timedelta(minutes=-50))
    clock.turn(minutes=62)
    found = await stage.call("operator", "GET", "/api/health")
    assert [source["stale"] for source in found["sources"]] == [True]


async def test_nothing_is_deleted_after_a_recent_clock_step(
    stage: Stage, store: Store, world: World, clock: Clock, app: FastAPI
) -> None:
    async def kept() -> tuple[int, int]:
        async with store.transaction(Reach(scope=world.root)) as session:
            logged = await session.scalar(select(func.count()).select_from(LoggedEvent))
            incidents = await session.scalar(select(func.count()).select_from(Incident))
        return logged or 0, incidents or 0

    live = live_of(app)
    for step in (register, close):  # Nothing waits that is overdue in sixty days.
        await step(stage)
    await caught_up(live)
    before = await kept()
    clock.set(days=60)
    await until(lambda: live.clock_watch.stepped > timedelta(days=50))
    await live.run_maintenance()
    assert await kept() == before
    clock.set(days=-60)
    await register_again(stage)
    await caught_up(live)
    assert await kept() == (before[0] + 2, before[1] + 1), "an event of the incident and one of its case"


async def register_again(stage: Stage) -> None:
    await stage.call("source", "POST", "/api/incidents", json=report(stage, path=15))


async def test_no_statement_uses_the_databases_time(store: Store) -> None:
    """The time comes in as a value everywhere, so one clock is enough to be right."""
    async with store.transaction(Reach()) as session:
        defaults = await session.scalars(
            text(
                "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_class ON pg_class.oid = adrelid "
                "WHERE relnamespace = 'public'::regnamespace"
            )
        )
        assert [default for default in defaults if "now()" in default or "timestamp" in default] == []


class Machine:
    """Its clock can be set, and the time since its start cannot."""

    def __init__(self) -> None:
        self.moment, self.passed = NOW, 0.0
        self.clock = SteadyClock(lambda: self.moment, elapsed=lambda: self.passed)
        self.watch = ClockWatch(self.clock)

    def go(self, seconds: float, *, by: float = 0.0) -> None:
        """Let time pass, and set the clock by so much more; then look."""
        self.moment += timedelta(seconds=seconds + by)
        self.passed += seconds
        self.watch.look()


def test_a_clock_step_is_remembered_for_an_hour_and_a_steady_clock_has_none() -> None:
    machine = Machine()
    for _ in range(100):
        machine.go(1, by=0.04)
    assert machine.watch.stepped == timedelta()
    machine.go(1, by=-3600)
    assert machine.watch.stepped == timedelta(hours=-1)
    machine.go(3500)
    assert machine.watch.is_in_doubt
    machine.go(200)
    assert not machine.watch.is_in_doubt


def test_health_names_the_step_until_the_servers_clock_is_no_longer_ahead() -> None:
    machine = Machine()
    machine.go(1, by=-3600)
    machine.go(36_000)
    assert timedelta(minutes=-55) < machine.watch.stepped < timedelta(minutes=-53)
    machine.go(1, by=3600)
    assert machine.watch.stepped > timedelta(minutes=59), "set forward in the last hour"
    machine.go(3601)
    assert machine.watch.stepped == timedelta()


def test_a_suspended_machine_is_no_clock_step_and_the_databases_clock_is_compared() -> None:
    machine = Machine()
    machine.go(8 * 3600)
    assert not machine.watch.is_in_doubt
    machine.watch.compare(ours=NOW, theirs=NOW - timedelta(seconds=3))
    assert not machine.watch.is_apart
    machine.watch.compare(ours=NOW, theirs=datetime(2026, 1, 1, tzinfo=UTC))
    assert machine.watch.is_apart and machine.watch.is_in_doubt
