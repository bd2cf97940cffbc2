"""Breaking what a county runs on, at random and without warning."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic, sleep

import psycopg
from psycopg.rows import scalar_row

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import conninfo_of_superuser
from tests.browser.server import Server

SEQUENCERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
LAST_SEQUENCER = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%%feed_outbox WHERE id IN%%' AND pid <> %s"
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> %s"
TERMINATE = "SELECT pg_terminate_backend(%s)"
GLANCES = 200
"""Attempts to find the running sequencer before the last one is taken."""


@dataclass(slots=True)
class Breaking:
    """Kills the server, the sequencer's backend, any backend, PostgreSQL whole. `rest`: seconds between, at most."""

    cluster: Cluster
    server: Server
    rng: Random
    rest: float
    rounds: int = 0
    done: Counter[str] = field(default_factory=Counter)
    returns: dict[str, list[float]] = field(default_factory=dict)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Faults one after another as long as the block; the last one is over when it ends."""
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run(enough))
            yield
            enough.set()

    async def _run(self, enough: asyncio.Event) -> None:
        while not enough.is_set():
            for act in self._shuffled():
                with suppress(TimeoutError):
                    await asyncio.wait_for(enough.wait(), self.rng.uniform(self.rest / 4, self.rest))
                    return
                # What cannot be broken because it is broken already is left.
                with suppress(psycopg.OperationalError):
                    await act()
                    self.done[act.__name__] += 1
            self.rounds += 1

    def _shuffled(self) -> list[Callable[[], Awaitable[None]]]:
        """One round: everything at least once."""
        acts = [
            self.kill_server,
            self.terminate_backend,
            self.terminate_sequencer,
            self.terminate_sequencer,
            self.kill_backend,
            self.kill_sequencer,
            self.kill_postgres,
        ]
        return self.rng.sample(acts, len(acts))

    async def kill_server(self) -> None:
        """And start it again, as its keeper does."""
        await self.server.kill()
        await asyncio.sleep(self.rng.uniform(0, 1))
        began = monotonic()
        await self.server.start()
        self._back("server", began)

    async def terminate_backend(self) -> None:
        async with await self._superuser() as database:
            await database.execute(TERMINATE, [await self._victim(database)])

    async def terminate_sequencer(self) -> None:
        async with await self._superuser() as database:
            await database.execute(TERMINATE, [await self._sequencer(database)])

    async def kill_backend(self) -> None:
        """PostgreSQL then distrusts its memory, ends all others and recovers."""
        async with await self._superuser() as database:
            victim = await self._victim(database)
        await self._kill(victim)

    async def kill_sequencer(self) -> None:
        async with await self._superuser() as database:
            victim = await self._sequencer(database)
        await self._kill(victim)

    async def kill_postgres(self) -> None:
        """Kill all processes at once, so that none can recover."""
        kill_whole(self.cluster)
        await self._recovered("postgres")

    async def _kill(self, process: int | None) -> None:
        if process is not None:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            await self._recovered("backends")

    async def _recovered(self, what: str) -> None:
        began = monotonic()
        while True:
            with suppress(psycopg.OperationalError):
                async with await self._superuser():
                    break
            await asyncio.sleep(0.05)
        self._back(what, began)

    def _back(self, what: str, began: float) -> None:
        self.returns.setdefault(what, []).append(round(monotonic() - began, 1))

    async def _superuser(self) -> psycopg.AsyncConnection[int]:
        where = conninfo_of_superuser(self.cluster.socket)
        return await psycopg.AsyncConnection.connect(where, autocommit=True, row_factory=scalar_row)

    async def _victim(self, database: psycopg.AsyncConnection[int]) -> int | None:
        found = await (await database.execute(BACKENDS, [database.info.backend_pid])).fetchall()
        return self.rng.choice(found) if found else None

    async def _sequencer(self, database: psycopg.AsyncConnection[int]) -> int | None:
        """Return the present holder of the sequencer's lock, else the last one."""
        for _ in range(GLANCES):
            found = await (await database.execute(SEQUENCERS)).fetchone()
            if found:
                return found
        return await (await database.execute(LAST_SEQUENCER, [database.info.backend_pid])).fetchone()


def kill_whole(cluster: Cluster) -> None:
    """Kill every process of the cluster's server."""
    for process in processes_of(cluster):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def processes_of(cluster: Cluster) -> list[int]:
    """Every process of the cluster's server, the first one first, so that it starts no new ones."""
    first = cluster.postmaster()
    if first is None:
        return []
    with suppress(FileNotFoundError, ProcessLookupError):
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]
    return [first]


@contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    """Stop every process of the server, as on a machine that swaps: clients do not notice.

    The first one is stopped first and goes on last, for only it starts processes and takes away those that ended.
    """
    first = cluster.postmaster()
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    try:
        while _state(first) != "T":
            sleep(0.001)
        for child in processes_of(cluster)[1:]:
            os.kill(child, signal.SIGSTOP)
        yield
    finally:
        for process in reversed(processes_of(cluster)):
            os.kill(process, signal.SIGCONT)


def _state(process: int) -> str:
    """One letter, as in proc(5)."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
