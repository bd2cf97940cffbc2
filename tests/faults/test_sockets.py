"""Many sockets: some that do not read, and all of them at once after a restart."""

import asyncio
import os
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest

from api.keeping.commands.serve import MOST_FILES
from api.keeping.postgres.roles import APP, connect
from tests.console.feed.test_rules import INCIDENT
from tests.faults.conftest import Site
from tests.faults.hall import Hall, Notes, Publisher, seats

Note = Callable[[str, object], None]

PATIENCE_SECONDS = 300
"""Far more than anything here takes, on a machine that does other things as well. The times are noted, not judged."""

SERVERS_CONNECTIONS = 10 + 4 + 2
"""The pool, the background's own, and the two that listen for the feed and the pulse."""

BACKENDS = """
SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND application_name = '' AND backend_type = 'client backend'
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How many consoles, how many of them do not read, and the events published to them. `filler` is in characters."""

    consoles: int
    stuck: int
    rate: float
    seconds: float
    filler: int


@pytest.fixture
def crowd(full: bool) -> Size:
    if full:
        return Size(consoles=500, stuck=5, rate=200, seconds=60, filler=200)
    return Size(consoles=60, stuck=3, rate=60, seconds=8, filler=4_000)


@pytest.fixture
def returning(full: bool) -> int:
    """How many consoles come back at once after a restart."""
    return 1_000 if full else 120


@asynccontextmanager
async def halls_open(site: Site, tokens: list[str], *, stuck: int = 0, processes: int = 1) -> AsyncIterator[list[Hall]]:
    """Consoles with these tokens, spread over processes; those of the last that do not read are `stuck`."""
    halls = [
        Hall(site.server.port, tokens=tokens[n::processes], notes=site.folder / f"notes-{n}.npz", stuck=stuck)
        for n in range(processes)
    ]
    try:
        await asyncio.gather(*(hall.open() for hall in halls))
        yield halls
    finally:
        for hall in halls:
            hall.end()


async def until(is_so: Callable[[], Awaitable[bool]]) -> float:
    """Seconds until the awaited condition holds."""
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return time.monotonic() - began


def memory_mb(pid: int, name: str) -> float:
    """`VmRSS`, what a process holds now, or `VmHWM`, the most it has held."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) / 1024


def open_files(pid: int) -> int:
    """As many as the process may have at once."""
    limits = Path(f"/proc/{pid}/limits").read_text()
    return int(limits.split("Max open files")[1].split()[0])


def processor_seconds(pid: int) -> float:
    """Return the processor seconds a process has used, on a busy machine as on a quiet one."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


async def gauge(site: Site, name: str) -> float:
    async with httpx.AsyncClient(base_url=site.server.url, timeout=PATIENCE_SECONDS) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))


def assert_right(notes: Notes, *, positions: dict[int, float]) -> None:
    """Every console has gone on without a gap, to the end, and has seen each change once."""
    last = max(positions)
    for console in notes.consoles:
        assert console["gaps"] == console["resyncs"] == 0, console
        assert console["pos"] >= last, console
        assert console["items"] == len(positions), console


@pytest.mark.timeout(1200)
async def test_clients_that_do_not_read_delay_no_others_and_are_correct_after_resuming(
    site: Site, crowd: Size, record_property: Note
) -> None:
    tokens = await seats(site.store, site.world, ["operator"] * crowd.consoles)
    await site.store.close()
    body = INCIDENT | {"description": "x" * crowd.filler}
    async with (
        halls_open(site, tokens, stuck=crowd.stuck) as (hall,),
        Publisher(site.urls, site.world.micro_grids(), body) as publisher,
    ):
        before, spent = memory_mb(site.server.pid, "VmRSS"), processor_seconds(site.server.pid)
        await publisher.publish(rate=crowd.rate, seconds=crowd.seconds)
        positions = await publisher.positions()
        spent = processor_seconds(site.server.pid) - spent
        healthy = crowd.consoles - crowd.stuck

        async def only_the_healthy_are_left() -> bool:
            return await gauge(site, "maplebridge_sockets") == healthy

        await until(only_the_healthy_are_left)
        grown = memory_mb(site.server.pid, "VmHWM") - before
        await hall.resume()

        async def all_are_back() -> bool:
            greeted = await hall.greeted()
            return all(greeted[:healthy]) and min(greeted[healthy:]) >= 2

        await until(all_are_back)
        await publisher.publish(rate=10, seconds=1)
        positions = await publisher.positions()

        async def all_have_heard() -> bool:
            return await hall.least_received() >= len(positions)

        await until(all_have_heard)
        notes = await hall.stop()
    assert_right(notes, positions=positions)
    delays = 1000 * np.concatenate([notes.delays(number, positions) for number in range(healthy)])
    record_property("p99 of the healthy, ms", round(float(np.percentile(delays, 99))))
    record_property("memory grown by, MB", round(grown))
    record_property("share of one processor", round(spent / crowd.seconds, 2))
    assert grown < 150


async def look(site: Site, token: str) -> int:
    """Fetch a snapshot, as a screen does that is opened anew; answer the status."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=site.server.url, headers=headers, timeout=PATIENCE_SECONDS) as client:
        return (await client.get("/api/snapshot")).status_code


@contextmanager
def counted(site: Site, most: list[int]) -> Iterator[Callable[[], None]]:
    """Counts the server's connections each time it is called, and remembers the most."""
    with connect(site.cluster.socket) as superuser:

        def count() -> None:
            row = superuser.execute(BACKENDS, [APP]).fetchone()
            assert row
            most.append(row[0])

        yield count


@pytest.mark.timeout(1200)
async def test_all_clients_reconnect_after_a_restart_within_the_connection_pool(
    site: Site, returning: int, full: bool, record_property: Note
) -> None:
    tokens = await seats(site.store, site.world, ["operator"] * returning)
    await site.store.close()
    most: list[int] = []
    async with (
        halls_open(site, tokens, processes=2 if full else 1) as halls,
        Publisher(site.urls, site.world.micro_grids(), INCIDENT) as publisher,
    ):
        await publisher.publish(rate=50, seconds=2)
        await publisher.positions()
        await site.server.stop()
        await publisher.publish(rate=200, seconds=2)
        await site.server.start()
        assert open_files(site.server.pid) == min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], MOST_FILES)
        spent = processor_seconds(site.server.pid)
        with counted(site, most) as count:
            looking = asyncio.gather(*(look(site, token) for token in tokens[::4]))

            async def all_are_back() -> bool:
                count()
                return min([min(await hall.greeted()) for hall in halls]) >= 2

            seconds = await until(all_are_back)
            assert set(await looking) == {200}
        spent = processor_seconds(site.server.pid) - spent
        await publisher.publish(rate=50, seconds=1)
        positions = await publisher.positions()

        async def all_have_heard() -> bool:
            return min([await hall.least_received() for hall in halls]) >= len(positions)

        await until(all_have_heard)
        notes = [await hall.stop() for hall in halls]
    for each in notes:
        assert_right(each, positions=positions)
        assert {end for console in each.consoles for end in console["ends"]} <= {"1012", "lost", *REFUSED}
    assert max(most) <= SERVERS_CONNECTIONS
    record_property(f"seconds until {returning} consoles were back", round(seconds, 1))
    record_property("processor seconds that this took", round(spent, 1))
    record_property("most connections of the server", max(most))


REFUSED = ("ConnectionRefusedError", "ConnectionResetError")
"""Errors of clients that connect too early."""
