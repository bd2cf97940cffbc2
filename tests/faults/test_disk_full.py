"""The disk that the database, its log and the server's own log lie on is full, and some time later has room again."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import DATABASE, Urls, connect, urls_of
from geo.store import Reach, Store
from tests.browser.server import Server
from tests.faults.onlookers import NUMBERS, Onlookers, codes
from tests.worlds import World, settle

SIZE = "300m"
ROOM_FOR_A_MOMENT = 2_000_000
PAGE = b"\0" * 65536


@pytest.fixture
def disk(folder: Path) -> Iterator[Path]:
    """A small disk of its own. Skips where mounting is not permitted."""
    place = folder / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "maplebridge-test", place],
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be made here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


class PrivateServer(Server):
    """`maplebridge serve` with its private database and its log on the disk: it keeps the database itself."""

    def __init__(self, disk: Path) -> None:
        super().__init__(Urls(owner="", app=""), disk)
        del self._settings["MAPLEBRIDGE_DATABASE_URL"]


@dataclass(frozen=True, slots=True)
class Narrow:
    """A county on a small disk."""

    disk: Path
    world: World
    server: Server
    socket: Path

    @property
    def ballast(self) -> Path:
        return self.disk / "ballast"

    def fill(self, *, leave: int = 0) -> None:
        """Write until the disk takes no more, and give back `leave` bytes."""
        with self.ballast.open("ab", buffering=0) as file:
            with pytest.raises(OSError, match="No space left"):
                while True:
                    file.write(PAGE)
            file.truncate(max(0, file.tell() - leave))

    def make_room(self) -> None:
        self.ballast.unlink()

    def superuser(self) -> psycopg.Connection:
        return connect(self.socket, DATABASE)


@pytest.fixture
async def narrow(disk: Path) -> AsyncIterator[Narrow]:
    cluster = Cluster(disk)
    with cluster.held() as urls:
        migrate(urls.owner)
        store = Store(urls.app, pool_size=2)
        world = await settle(store, now=datetime.now(UTC))
        await store.close()
    server = PrivateServer(disk)
    await server.start()
    yield Narrow(disk, world, server, cluster.socket)
    await server.stop()


async def stored(narrow: Narrow, source: str) -> dict[str, int]:
    store = Store(urls_of(narrow.socket).app, pool_size=1)
    async with store.transaction(Reach(scope=narrow.world.root)) as session:
        found = {row.external_no: row.times for row in await session.execute(NUMBERS, {"source": source})}
    await store.close()
    return found


@pytest.mark.timeout(600)
async def test_a_full_disk_is_reported_and_free_space_is_enough_to_recover(
    narrow: Narrow, record_property: Callable[[str, object], None]
) -> None:
    seen = Onlookers(narrow.server, narrow.world, length=4000)
    async with seen.present():
        await seen.until(lambda: len(seen.acknowledged) > 20)
        assert seen.health[-1].body["status"] == "ok", seen.health[-1].body
        narrow.fill(leave=ROOM_FOR_A_MOMENT)
        narrow.fill()
        await seen.until(lambda: "database.full" in seen.troubles() and "disk.low" in seen.troubles())
        assert seen.health[-1].body["database"] == "full"
        await seen.until(lambda: any("database.full" in codes(frame["items"]) for frame in seen.frames_of("trouble")))
        assert {(said.status, said.body["code"]) for said in seen.refused} == {(503, "database.full")}
        assert all(said.retry_after for said in seen.refused)
        narrow.make_room()
        await seen.until(lambda: not seen.troubles())
        before = len(seen.acknowledged)
        await seen.until(lambda: len(seen.acknowledged) > before + 20)
    assert codes(seen.frames_of("trouble")[-1]["items"]) == []
    found = await stored(narrow, seen.source)
    assert found.keys() >= seen.acknowledged and set(found.values()) == {1}
    record_property("acknowledged", len(seen.acknowledged))
    record_property("refused", len(seen.refused))


@pytest.mark.timeout(600)
async def test_a_database_without_space_for_its_log_recovers_by_itself(
    narrow: Narrow, record_property: Callable[[str, object], None]
) -> None:
    """PostgreSQL ends when it cannot write its log, and cannot start again before there is room."""
    seen = Onlookers(narrow.server, narrow.world, length=4000)
    async with seen.present():
        await seen.until(lambda: len(seen.acknowledged) > 20)
        narrow.fill()
        await asyncio.to_thread(use_up_the_log, narrow)
        await seen.until(lambda: seen.health[-1].body["status"] == "down")
        gone = seen.health[-1].at
        await seen.until(lambda: seen.health[-1].at > gone + 5)
        assert seen.health[-1].body["database"] == "away"
        narrow.make_room()
        roomy = seen.health[-1].at
        await seen.until(lambda: seen.health[-1].body["status"] == "ok")
        back = seen.health[-1].at
        before = len(seen.acknowledged)
        await seen.until(lambda: len(seen.acknowledged) > before + 20)
    found = await stored(narrow, seen.source)
    assert found.keys() >= seen.acknowledged and set(found.values()) == {1}
    assert {said.status for said in seen.refused} == {503}
    record_property("well again after there was room (s)", round(back - roomy, 1))


def use_up_the_log(narrow: Narrow) -> None:
    """Begin a new file of the log again and again, until there is no room for one."""
    with suppress(psycopg.Error):
        while True:
            with narrow.superuser() as database:
                database.execute("SELECT pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()")
