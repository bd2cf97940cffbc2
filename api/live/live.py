"""The live part of a server: hub, fleet and the loops that keep them true."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from api.live import gauges
from api.live.feeding import Feeding, Listening
from api.live.fleet import Fleet
from api.live.guard import check_members
from api.live.hexes import Hexes
from api.live.hub import Hub
from api.live.loops import Loop
from api.live.retention import Kept, forget, keep_partitions
from api.live.sources import Sources
from console.feed import queries
from console.picture.queries import sources_heard
from console.positions.queries import latest_positions
from geo.store import Reach, Store
from layers.hotspots.area import Areas

log = structlog.get_logger()

BACKGROUND_CONNECTIONS = 4
DOOR_WIDTH = 8
START_SECONDS = 10.0
MOVES_SECONDS = 0.5
BEAT_SECONDS = 10.0
GUARD_SECONDS = 3.0
UPKEEP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What the live part must know of the installation. `root` is the root division's path."""

    root: str
    zone: ZoneInfo
    kept: Kept
    source_stale_after: timedelta


class Live:
    """Everything that happens beside requests. `run` holds it open for as long as the server serves.

    The loops have a few connections of their own: however many requests wait for one, the feed goes on. `door` lets in
    a few sockets at a time, so that a thousand that come back at once wait here and not for a connection.
    """

    def __init__(self, store: Store, plan: Plan, *, areas: Areas, now: Callable[[], datetime]) -> None:
        self.store = store
        self.background = Store(_address(store), pool_size=BACKGROUND_CONNECTIONS, max_overflow=0)
        self.door = asyncio.Semaphore(DOOR_WIDTH)
        self.root = Reach(scope=plan.root)
        self.now = now
        self.fleet = Fleet()
        self.hub = Hub(self.fleet)
        self.sources = Sources(stale_after=plan.source_stale_after)
        self.feeding = Feeding(self.background, self.hub, root=self.root, sources=self.sources, now=now)
        self.hexes = Hexes(
            self.background, changed=self.feeding.incidents_changed, areas=areas, zone=plan.zone, now=now
        )
        self._kept = plan.kept
        self._listening = Listening(_address(store, driver="postgresql"), self.feeding.wake)
        self._loaded = False
        self.loops = [
            Loop("feed", self.feeding.step),
            Loop("listen", self._listening.step),
            Loop("moves", self._tell_moves),
            Loop("beat", self._beat),
            Loop("guard", self._guard),
            Loop("hexes", self.hexes.step),
            Loop("upkeep", self._keep_up),
        ]

    @property
    def failing(self) -> list[str]:
        """The names of the loops that are not well."""
        return [loop.name for loop in self.loops if not loop.is_well]

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Run the loops until the block ends, and wait a while for the feed: no snapshot before its epoch is sure."""
        tasks = [asyncio.create_task(loop.keep_running()) for loop in self.loops]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(START_SECONDS):
                    await self.feeding.ready.wait()
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._listening.close()
            await self.background.close()

    async def _tell_moves(self) -> None:
        if not self._loaded:
            await self._load()
        await asyncio.sleep(MOVES_SECONDS)
        self.hub.publish_moves(self.fleet.drain())

    async def _load(self) -> None:
        """What the store knows from before this start."""
        async with self.background.transaction(self.root) as session:
            positions = await latest_positions(session)
            heard = await sources_heard(session)
        self.fleet.take(positions)
        self.fleet.drain()
        for source, at in heard.items():
            self.sources.heard(source, at)
        self._loaded = True

    async def _beat(self) -> None:
        """A beat says that nothing was missed. While the feed cannot be read nobody knows, so there is none."""
        await asyncio.sleep(BEAT_SECONDS)
        if "feed" not in self.failing:
            self.hub.beat(self.now())

    async def _guard(self) -> None:
        await asyncio.sleep(GUARD_SECONDS)
        await check_members(self.background, self.hub, now=self.now())
        async with self.background.transaction(self.root) as session:
            waiting = await queries.backlog(session)
        gauges.OUTBOX.set(waiting.events)
        gauges.FEED_LAG.set((self.now() - waiting.since).total_seconds() if waiting.since else 0)
        gauges.FEED_POSITION.set(self.hub.head.pos)

    async def _keep_up(self) -> None:
        async with self.background.transaction(self.root) as session:
            await keep_partitions(session, self._kept, today=self.now().date())
            await forget(session, now=self.now())
        await asyncio.sleep(UPKEEP_SECONDS)


def _address(store: Store, *, driver: str | None = None) -> str:
    """The address of the store's database, for SQLAlchemy, or with another driver's name, as for libpq."""
    url = store.engine.url
    return url.set(drivername=driver or url.drivername).render_as_string(hide_password=False)
