"""What several servers on one database tell each other of positions, by PostgreSQL's notifications.

The feed is numbered in the store, where every server reads it; the latest position of a force is a row that each would
have to look for. So a server that has stored some says so to the others that it knows, at most twice a second and
outside the write. One that knows no other has only greeted, when it began to listen: it tells and reads nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic

import orjson
from sqlalchemy import text

from api.live.force_positions import ForcePositions
from api.watch.sources import Sources
from console.feed import actions
from console.positions.queries import latest_positions
from geo.store import Reach, Store

PREFIX = "server "
"""Begins the payload; then JSON of the server's name, whether it stored positions, and their sources. There is one
source for each way of sending positions, so that it stays far below the 8,000 bytes that a payload may have.
"""
STEP_SECONDS = 0.5
PRESENT_SECONDS = 10.0
"""A server announces itself so often to those it knows, and positions are found so late if a notification was lost."""
FORGOTTEN_SECONDS = 35.0
COMMITTING = timedelta(seconds=10)
"""A position is stored with the time at which it came in, and is there for others so much later at most."""

_NOTIFY = text("SELECT pg_notify(:channel, :payload)").bindparams(channel=actions.CHANNEL)


class Neighbours:
    """The other servers on the same database, what to tell them, and what they told. `step` is run by a loop."""

    def __init__(
        self,
        name: str,
        *,
        store: Store,
        root: Reach,
        force_positions: ForcePositions,
        sources: Sources,
        now: Callable[[], datetime],
    ) -> None:
        self._name, self._store, self._root = name, store, root
        self._force_positions, self._reported, self._now = force_positions, sources, now
        self._known: dict[str, float] = {}
        self._stored, self._sources = False, set[str]()
        self._theirs: set[str] = set()
        self._is_due = False
        self._told_at = self._looked_at = float("-inf")
        self._looked: datetime | None = None

    @property
    def greeting(self) -> str:
        """The payload by which the others learn of this server. They answer with their next step."""
        return self._payload(moved=False, sources=())

    def note_stored(self) -> None:
        """Let the others know that positions were stored."""
        self._stored = True

    def note_source(self, source: str) -> None:
        """Let the others know that a source has sent something."""
        self._sources.add(source)

    def hear(self, payload: str) -> bool:
        """Take a notification; return whether it is one of these."""
        if not payload.startswith(PREFIX):
            return False
        with suppress(ValueError, TypeError, KeyError):
            said = orjson.loads(payload.removeprefix(PREFIX))
            if (by := said["by"]) != self._name:
                if by not in self._known:
                    self._told_at = float("-inf")
                self._known[by] = monotonic()
                self._is_due = self._is_due or said["moved"]
                self._theirs.update(said["sources"])
        return True

    async def step(self) -> None:
        """Announce what was stored here, and read what others stored; nothing where no other server is known."""
        await asyncio.sleep(STEP_SECONDS)
        at = monotonic()
        self._known = {name: heard for name, heard in self._known.items() if at - heard < FORGOTTEN_SECONDS}
        if not self._known:
            self._stored, self._sources = False, set()
            return
        if self._stored or self._sources or at - self._told_at >= PRESENT_SECONDS:
            self._told_at = at
            await self._announce()
        self._record_sources()
        if self._is_due or at - self._looked_at >= PRESENT_SECONDS:
            self._looked_at, self._is_due = at, False
            await self._look()

    async def _announce(self) -> None:
        """Say after the commit that positions were stored here. What is lost is found by the others' next look."""
        payload = self._payload(moved=self._stored, sources=sorted(self._sources))
        self._stored, self._sources = False, set()
        async with self._store.transaction(self._root) as session:
            await session.execute(_NOTIFY, {"payload": payload})

    def _record_sources(self) -> None:
        theirs, self._theirs = self._theirs, set()
        for source in theirs:
            self._reported.record(source, self._now())

    async def _look(self) -> None:
        """Read the positions that came in since the last look; all of them at the first one."""
        now = self._now()
        since = None if self._looked is None else self._looked - COMMITTING
        async with self._store.transaction(self._root) as session:
            found = await latest_positions(session, since=since)
        self._looked = now
        self._force_positions.update(found, now=now)

    def _payload(self, *, moved: bool, sources: Sequence[str]) -> str:
        return PREFIX + orjson.dumps({"by": self._name, "moved": moved, "sources": sources}).decode()
