"""Number committed changes, publish them to the hub, and listen for new ones."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

import psycopg
from psycopg import sql

from api import metrics
from api.live.batches import Batch
from api.live.hub import Hub
from api.live.moments import Moments
from api.live.neighbours import Neighbours
from api.watch.sources import Sources
from console.feed import actions, queries
from console.feed.rules import Event
from console.forces import events as forces
from console.incidents import events as incidents
from console.situation.earlier import keep_earlier_states
from geo.store import CONNECT_SECONDS, Reach, Store
from geo.store.patience import PatientConnection

BATCH = 250
"""Most events in a frame: about a quarter of a mailbox."""

RECENT = 2_000
"""Events read into memory at start, since all screens reconnect at once after a restart."""

POLL_SECONDS = 0.5
PACE_SECONDS = 0.05
"""Events within this time are sent in one frame."""


class FeedPublisher:
    """Runs the sequencer and then the reader, so that events just numbered are published at once."""

    def __init__(
        self,
        store: Store,
        hub: Hub,
        *,
        root: Reach,
        sources: Sources,
        moments: Moments,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._hub = hub
        self._root = root
        self._sources = sources
        self._moments = moments
        self._now = now
        self._begun = False
        self.carry: Callable[[Batch], None] | None = None
        self._numbered = False
        self.name = f"numbered by {uuid4().hex}"
        self._numbering = asyncio.Lock()
        self.wake = asyncio.Event()
        self.ready = asyncio.Event()
        self.incidents_changed = asyncio.Event()
        self._handlers: Mapping[str, Callable[[Event], None]] = {
            incidents.NAME: self._handle_incident,
            forces.NAME: self._handle_force,
        }

    async def step(self) -> None:
        """Advance the hub to the head: at once the first time, then when woken, or where the poll finds it behind."""
        if self.ready.is_set() and not await self._is_woken() and await self._is_at_head():
            return
        self.wake.clear()
        await self.advance()

    async def _is_woken(self) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                return await self.wake.wait()
        return False

    async def _is_at_head(self) -> bool:
        """Whether there is nothing to do, as nearly always when a poll asks: one transaction in place of two."""
        async with self._store.transaction(self._root) as session:
            return await queries.is_at(session, self._hub.head)

    async def advance(self) -> None:
        """Number and publish until nothing is left."""
        if not self._begun:
            await self._begin()
            self._begun = True
        busy = True
        while busy:
            numbered = await self._number()
            read = await self._publish_new()
            busy = BATCH in (numbered, read)
            await asyncio.sleep(PACE_SECONDS if read else 0)

    async def _begin(self) -> None:
        """Renew the epoch of a restored database, and keep what a replay has to know from before the log."""
        async with self._store.transaction(self._root) as session:
            await actions.renew_epoch_if_restored(session)
            await keep_earlier_states(session, self._hub.kinds)

    async def number_events(self) -> int:
        """Number up to `BATCH` committed changes, let them be published soon, and return the count of positions.

        A snapshot does so: it is to show what was committed before it was asked for. It waits for its turn, or the
        other one's numbers might be committed after it has begun.
        """
        if numbered := await self._number():
            self.wake.set()
        return numbered

    async def _number(self) -> int:
        async with self._numbering, self._moments.commit(), self._store.transaction(self._root) as session:
            numbered = await actions.sequence(session, limit=BATCH, now=self._now(), by=self.name)
        self._numbered = self._numbered or bool(numbered)
        return numbered

    async def _publish_new(self) -> int:
        """Read from the hub's head on. A new epoch in the store makes all clients resync.

        What was numbered here is carried to other servers. What they carried here meanwhile is not published again.
        """
        numbered, self._numbered = self._numbered, False
        async with self._store.transaction(self._root) as session:
            head = await queries.head(session)
            if head.epoch != self._hub.head.epoch:
                recent = await queries.events_between(session, head.pos - RECENT, head.pos, limit=RECENT)
                self._hub.restart(head, recent=recent)
            events = await queries.events_between(session, self._hub.head.pos, head.pos, limit=BATCH)
        upto = events[-1].pos if len(events) == BATCH else head.pos
        self._numbered = self._numbered or (numbered and len(events) == BATCH)
        batch = Batch.after(self._hub.head, events, upto)
        if batch:
            self._publish(batch)
            if numbered and self.carry:
                self.carry(batch)
        self.ready.set()
        return len(events)

    def receive(self, batch: Batch) -> None:
        """Publish what another server has numbered if the hub stands where it begins, else read the store soon."""
        head = self._hub.head
        if batch.continues(head):
            taken = "published"
            self._publish(batch)
        elif batch.is_known(head):
            taken = "known"
        else:
            taken = "left"
            self.wake.set()
        metrics.BROKER_BATCHES.labels(taken).inc()

    def _publish(self, batch: Batch) -> None:
        events = batch.events or ()
        self._hub.publish(events, batch.upto)
        self._handle_events(events)

    def _handle_events(self, events: Sequence[Event]) -> None:
        metrics.EVENTS.inc(len(events))
        for event in events:
            if handle := self._handlers.get(event.kind):
                handle(event)

    def _handle_incident(self, event: Event) -> None:
        self.incidents_changed.set()
        if event.version == 1 and event.body is not None:
            self._sources.record(event.body["source"], event.at)

    def _handle_force(self, event: Event) -> None:
        if event.body is not None:
            self._hub.force_positions.set_division(event.entity_id, event.visibility.division_path)


class FeedListener:
    """Listens for PostgreSQL's notifications, which only save time: polling finds everything a little later."""

    def __init__(
        self,
        conninfo: str,
        wake: asyncio.Event,
        *,
        counted: asyncio.Event,
        lines: asyncio.Event | None = None,
        own: str | None = None,
        neighbours: Neighbours | None = None,
        is_led: Callable[[], bool] = lambda: False,
    ) -> None:
        """`own`: the payload of the publisher's notifications to others, which do not wake it. While `is_led`, another
        server numbers changes and carries them here, so that they do not wake this one either.
        """
        self._neighbours = neighbours
        self._is_led = is_led
        self._conninfo = conninfo
        self._wake = wake
        self._counted = counted
        self._lines = lines
        self._own = own
        self._connection: PatientConnection | None = None

    async def step(self) -> None:
        """Listen for a while, reconnecting after a lost connection."""
        connection = self._connection or await self._connect()
        try:
            async for notification in connection.notifies(timeout=POLL_SECONDS * 10, stop_after=1):
                if notification.payload == self._own:
                    continue
                if self._neighbours and self._neighbours.hear(notification.payload):
                    continue
                if not self._is_led():
                    self._wake.set()
                if notification.payload == actions.COUNTS_CHANGED:
                    self._counted.set()
                if notification.payload == actions.LINES_CHANGED and self._lines:
                    self._lines.set()
        except psycopg.Error:
            await self.close()
            raise

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()

    async def _connect(self) -> PatientConnection:
        self._connection = await PatientConnection.connect(
            self._conninfo, autocommit=True, connect_timeout=CONNECT_SECONDS
        )
        listen = sql.SQL("LISTEN {}").format(sql.Identifier(actions.CHANNEL))
        if self._neighbours:
            greeting = sql.SQL("SELECT pg_notify({}, {})").format(actions.CHANNEL, self._neighbours.greeting)
            listen = sql.SQL("; ").join((listen, greeting))
        await self._connection.execute(listen)
        return self._connection
