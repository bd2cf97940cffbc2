"""A hall of consoles on a real server: their seats, the events published to them, and their records."""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np
import orjson
import psycopg
from numpy.typing import NDArray

from api.keeping.postgres.roles import Urls, conninfo_of
from console.access.queries import digest_of
from console.access.tables import Session
from geo.store import NO_REACH, Store
from tests.faults.listeners import ConsolePlan
from tests.shared import CHECKOUT
from tests.worlds import ROOT, World

PATIENCE_SECONDS = 300
PUBLISHERS = 4
PUBLISH = """
WITH logged AS (
    INSERT INTO feed_outbox (at, kind, entity_id, version, division_path, body)
    VALUES (%(at)s, 'incident', %(number)s, 1, %(path)s::ltree, %(body)s::jsonb) RETURNING id
) SELECT pg_notify('maplebridge_feed', '') FROM logged
"""
"""Publish an event as an action does, in one statement, so that the load costs little beside the server."""

LOGGED = "SELECT pos, entity_id, division_path::text FROM feed_log WHERE entity_id = ANY(%(ids)s)"


async def seats(store: Store, world: World, usernames: Sequence[str]) -> list[str]:
    """Tokens for consoles, one for each of `usernames`, each with a session of its own."""
    now = datetime.now(UTC)
    tokens = [(name, f"seat-{number}-of-{name}") for number, name in enumerate(usernames)]
    async with store.transaction(NO_REACH) as session:
        session.add_all([_seat(world.users[name], token, now=now) for name, token in tokens])
    return [token for _, token in tokens]


def _seat(user: int, token: str, *, now: datetime) -> Session:
    return Session(
        digest=digest_of(token),
        kind="token",
        user_id=user,
        label="hall",
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(days=1),
    )


@dataclass(frozen=True, slots=True)
class Notes:
    """Records of a hall: a row for each events frame received, and each console's own account.

    `console` is an index into `consoles`; `upto` the position that a frame leads to; `at` the monotonic second.
    """

    console: NDArray[np.int64]
    upto: NDArray[np.int64]
    at: NDArray[np.float64]
    consoles: list[dict[str, Any]]
    cpu_seconds: float

    @classmethod
    def read(cls, path: Path) -> Self:
        with np.load(path) as found:
            rest = json.loads(str(found["rest"]))
            return cls(found["console"], found["upto"], found["at"], rest["consoles"], rest["cpu_seconds"])

    def delays(self, number: int, logged: Mapping[int, float]) -> NDArray[np.float64]:
        """Return seconds from commit to receipt of each position in `logged`; infinite if never received."""
        mine = self.console == number
        positions = np.array([*logged], dtype=np.int64)
        upto, at = self.upto[mine], np.append(self.at[mine], np.inf)
        return np.asarray(at[np.searchsorted(upto, positions)] - np.array([*logged.values()]))


class Hall:
    """Consoles in a process of their own."""

    def __init__(self, *ports: int, tokens: Sequence[str], notes: Path, stuck: int = 0) -> None:
        self.plan = ConsolePlan(ports=[*ports], tokens=[*tokens], notes=str(notes), stuck=stuck)
        self._process: asyncio.subprocess.Process | None = None

    async def open(self) -> None:
        """Start the process and wait until every console has been greeted."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.listeners", json.dumps(asdict(self.plan))),
            cwd=CHECKOUT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert await self._read_line() == "open"

    async def greeted(self) -> list[int]:
        """Return how often each console was greeted, 0 for one without a connection."""
        found: list[int] = json.loads(await self._command("state"))["greeted"]
        return found

    async def least_received(self) -> int:
        """Return the number of items received by the console that has fewest."""
        return int(json.loads(await self._command("state"))["received"])

    async def resume(self) -> None:
        """Let consoles that stopped reading read again."""
        await self._command("resume")

    async def stop(self) -> Notes:
        assert await self._command("stop") == "written"
        assert self._process
        await self._process.wait()
        return Notes.read(Path(self.plan.notes))

    def end(self) -> None:
        """Kill the process if it still runs."""
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def _command(self, word: str) -> str:
        assert self._process and self._process.stdin
        self._process.stdin.write(f"{word}\n".encode())
        return await self._read_line()

    async def _read_line(self) -> str:
        assert self._process and self._process.stdout
        async with asyncio.timeout(PATIENCE_SECONDS):
            return (await self._process.stdout.readline()).decode().strip()


class Publisher:
    """Commits changes one by one, each in its own transaction, and remembers when. Needs to be entered."""

    def __init__(self, urls: Urls, paths: Sequence[str], body: Mapping[str, Any]) -> None:
        self.committed: dict[int, float] = {}
        self._paths = paths
        self._body = body
        self._conninfo = conninfo_of(urls.app)
        self._due: asyncio.Queue[int] = asyncio.Queue()
        self._connections = AsyncExitStack()
        self._publishers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for _ in range(PUBLISHERS):
            connection = await self._connections.enter_async_context(await self._connect())
            self._publishers.append(asyncio.create_task(self._work(connection)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._publishers:
            task.cancel()
        await asyncio.gather(*self._publishers, return_exceptions=True)
        await self._connections.aclose()

    async def _connect(self) -> psycopg.AsyncConnection:
        """Connect with an application name that differs from the server's connections."""
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, application_name="publisher"
        )
        await connection.execute("SELECT set_config('maplebridge.scope', %s, false)", [ROOT])
        return connection

    async def publish(self, *, rate: float, seconds: float) -> None:
        """Commit `rate` changes a second for `seconds`, evenly. Returns once all are committed."""
        began, first = time.monotonic(), len(self.committed) + 1
        for n in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
            self._due.put_nowait(first + n)
        await self._due.join()

    async def _work(self, connection: psycopg.AsyncConnection) -> None:
        while True:
            number = await self._due.get()
            path = self._paths[number % len(self._paths)]
            body = orjson.dumps({**self._body, "id": number, "division_path": path}).decode()
            self.committed[number] = time.monotonic()
            await connection.execute(PUBLISH, {"at": datetime.now(UTC), "number": number, "path": path, "body": body})
            self._due.task_done()

    async def positions(self, within: str = ROOT) -> dict[int, float]:
        """Return the commit time of each position within a division, once all changes have a position."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(rows := await self._logged()) < len(self.committed):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return {pos: self.committed[number] for pos, number, path in sorted(rows) if path.startswith(within)}

    async def _logged(self) -> list[tuple[int, int, str]]:
        async with await self._connect() as connection:
            found = await connection.execute(LOGGED, {"ids": [*self.committed]})
            return [(row[0], row[1], row[2]) for row in await found.fetchall()]
