"""The live part of a server: hub, positions, and the background loops."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api import metrics
from api.intake.device_faults import Fault
from api.live.account_sockets import AccountSockets
from api.live.broker import Broker
from api.live.feed_publisher import FeedListener, FeedPublisher
from api.live.force_positions import ForcePositions
from api.live.gzipped import GzippedJson
from api.live.hexes import Hexes
from api.live.hub import Hub
from api.live.lines import LinesInForce
from api.live.moments import Moments
from api.live.neighbours import Neighbours
from api.live.rights import close_revoked_sockets
from api.live.single_flight import SingleFlight
from api.watch.clock import SteadyClock, system_time
from api.watch.clock_watch import ClockWatch
from api.watch.database import DatabaseProbe
from api.watch.devices import Devices
from api.watch.disk import Space
from api.watch.households import Households
from api.watch.loops import Loop
from api.watch.maintenance import Kept, add_partitions, drop_partitions, forget, forget_old_places
from api.watch.senders import Senders
from api.watch.sign_ins import FailedSignIns
from api.watch.sources import Sources
from api.watch.task_messages import WatchedWay
from api.watch.troubles import Signs, Trouble, troubles_of
from console.clocks.walking import WorkedTimes
from console.feed import queries
from console.feed.kinds import Kinds
from console.feed.queries import Backlog
from console.positions.queries import latest_positions
from console.positions.rules import Position
from console.situation.queries import last_reports_by_source
from geo.masking import mask_time
from geo.store import Reach, Store
from geo.store.patience import PATIENCE_SECONDS
from layers.hotspots.cell_sets import CellSets
from layers.roads.graph import Roads

log = structlog.get_logger()

BACKGROUND_CONNECTIONS = 4
ADMISSIONS_AT_ONCE = 8
SNAPSHOTS_AT_ONCE = 2
START_SECONDS = 10.0
POSITIONS_SECONDS = 0.5
BEAT_SECONDS = 10.0
RIGHTS_SECONDS = 3.0
TROUBLES_SECONDS = 1.0
UPKEEP_SECONDS = 3600.0
SOURCE_MEMORY = timedelta(days=28)
"""Sources without a report for longer are not monitored any more."""


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """Settings of the live part. `root` is the root division's path, `folder` the server's data folder, `masked_least`
    that of the pack's hotspots, `least_hot` its `least_incidents`, `account_sockets` the most sockets of an account,
    `times` the county's working time.
    """

    root: str
    zone: ZoneInfo
    kept: Kept
    source_stale_after: timedelta
    folder: Path
    masked_least: int
    least_hot: int
    account_sockets: int
    times: WorkedTimes
    nats_url: str | None = None


class Live:
    """Background work of the server. `run` runs it while the server runs.

    The loops have a few connections of their own, so that the feed goes on however many requests wait for one.
    `admission` admits a few sockets at a time, so that a thousand that reconnect at once do not wait for connections;
    `snapshots` makes one snapshot for all of the same audience. `roads`, `ways` and `maps`, which
    returns the version of the maps under the lines, are set by what composes the server.
    """

    roads: Roads | None = None
    maps: Callable[[], str] | None = None
    ways: tuple[WatchedWay, ...] = ()

    def __init__(
        self, store: Store, live_settings: LiveSettings, *, cell_sets: CellSets, now: SteadyClock, kinds: Kinds
    ) -> None:
        self.store = store
        self.background = Store(_address(store), pool_size=BACKGROUND_CONNECTIONS, patience=PATIENCE_SECONDS)
        self.account_sockets = AccountSockets(live_settings.account_sockets)
        self.admission = asyncio.Semaphore(ADMISSIONS_AT_ONCE)
        self.snapshots = SingleFlight[GzippedJson](most=SNAPSHOTS_AT_ONCE)
        self.health_reads = SingleFlight[Backlog | None](most=1)
        self.backlog: Backlog | None = None
        self.root = Reach(scope=live_settings.root)
        self.now = now
        self.moments = Moments()
        self.force_positions = ForcePositions()
        self.hub = Hub(self.force_positions, kinds=kinds)
        self.sources = Sources(stale_after=live_settings.source_stale_after, since=now())
        self.feed_publisher = FeedPublisher(
            self.background, self.hub, root=self.root, sources=self.sources, moments=self.moments, now=now
        )
        self.neighbours = self._neighbours()
        self.broker = self._broker(live_settings)
        self.hexes = Hexes(
            self.background,
            changed=self.feed_publisher.incidents_changed,
            cell_sets=cell_sets,
            zone=live_settings.zone,
            masked_least=live_settings.masked_least,
            least_hot=live_settings.least_hot,
            now=now,
        )
        self.senders = Senders()
        self.failed_sign_ins, self.devices = FailedSignIns(), Devices()
        self.space = Space(self.background, live_settings.folder)
        self.clock_watch = ClockWatch(now)
        self.probe = DatabaseProbe(
            _address(store, driver="postgresql"), (store, self.background), on_change=self._publish_troubles
        )
        self.lines = self._lines_in_force(live_settings.zone)
        self._kept, self._times = live_settings.kept, live_settings.times
        self._households = Households(live_settings.zone)
        self._feed_listener = self._listener()
        self._loaded = False
        self._masked_at: datetime | None = None
        self._lag_ms: int | None = None
        self._published_troubles: tuple[list[tuple[str, str | None]], float] = ([], 0.0)
        self.loops = self._all_loops()
        self._broker_loop = None if self.broker is None else Loop("broker", self.broker.step)
        self.loops += [] if self._broker_loop is None else [self._broker_loop]

    def _neighbours(self) -> Neighbours:
        return Neighbours(
            self.feed_publisher.name,
            store=self.background,
            root=self.root,
            force_positions=self.force_positions,
            sources=self.sources,
            now=self.now.system,
        )

    def _listener(self) -> FeedListener:
        return FeedListener(
            _address(self.store, driver="postgresql"),
            self.feed_publisher.wake,
            counted=self.feed_publisher.incidents_changed,
            lines=self.lines.changed,
            own=self.feed_publisher.name,
            neighbours=self.neighbours,
            is_led=lambda: self.broker is not None and self.broker.is_led,
        )

    def _broker(self, live_settings: LiveSettings) -> Broker | None:
        url = live_settings.nats_url
        if url is None:
            return None
        publisher = self.feed_publisher
        broker = Broker(url, root=live_settings.root, name=publisher.name.split()[-1], receive=publisher.receive)
        publisher.carry = broker.publish
        return broker

    def _lines_in_force(self, zone: ZoneInfo) -> LinesInForce:
        return LinesInForce(self.background, root=self.root, zone=zone, now=self.now, on_change=self._publish_lines)

    def _all_loops(self) -> list[Loop]:
        return [
            Loop("database", self.probe.step),
            Loop("feed", self.feed_publisher.step),
            Loop("listen", self._feed_listener.step),
            Loop("moves", self._publish_positions),
            Loop("neighbours", self.neighbours.step),
            Loop("beat", self._beat),
            Loop("lines", self.lines.step),
            Loop("rights", self._check_rights),
            Loop("hexes", self.hexes.step),
            Loop("upkeep", self.run_maintenance, rest_s=UPKEEP_SECONDS),
            Loop("space", self.space.step),
            Loop("clock", self.clock_watch.step),
            Loop("troubles", self._publish_health),
        ]

    def publish_committed(self, positions: Iterable[Position], /, *, now: datetime) -> None:
        """Publish committed positions."""
        self.force_positions.update(positions, now=now)
        self.neighbours.note_stored()

    def record_source(self, source: str, /) -> None:
        """Record that a source of reports or positions has sent something."""
        self.neighbours.note_source(source)
        self.sources.record(source, self.now())

    def record_unreadable(self, account: str, /, *, n: int) -> None:
        """Count messages of an account that cannot be read."""
        self.senders.record(account, taken=0, refused=0, unreadable=n)

    def record_device(self, force: str, fault: Fault | None, /, *, amount: int = 0) -> None:
        """Record what a message shows to be wrong with a force's phone, or that nothing is."""
        self.devices.record(force, fault, amount=amount)

    @property
    def failing(self) -> list[str]:
        """Names of the unhealthy loops."""
        return [loop.name for loop in self.loops if not loop.is_healthy]

    def troubles(self, *, lag_ms: int | None) -> tuple[Trouble, ...]:
        """List present troubles from values in memory. `lag_ms`: the last measured lag of the feed."""
        apart = self.clock_watch.apart if self.clock_watch.is_apart else None
        signs = Signs(
            database_answers=self.probe.is_up,
            database_full=self.space.is_full,
            disk_low=self.space.disk.is_low,
            lag_ms=lag_ms,
            loops_stuck=[loop.name for loop in self.loops if loop.is_stuck and loop is not self._broker_loop],
            stepped_s=round(self.clock_watch.stepped.total_seconds()),
            apart_s=round(apart.total_seconds()) if apart else 0,
            sources=self.sources.states(self.now()),
            senders=self.senders.states(),
            failed_sign_ins=self.failed_sign_ins.suspicious,
            devices=[*self.devices.states()],
            year_missing=self._times.calendar.missing(self._times.day(self.now())),
            broker_away=self._broker_loop is not None and self._broker_loop.is_stuck,
            roads_failing=self.roads is not None and self.roads.failing,
            ways_failing=[watched.way.name for watched in self.ways if watched.is_failing],
        )
        return troubles_of(signs)

    def lag_ms(self, waiting: Backlog) -> int:
        """Return the age of the oldest change without a position, in milliseconds."""
        return 0 if waiting.since is None else max(0, round((self.now() - waiting.since).total_seconds() * 1000))

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Run the loops until the block ends; first wait up to 10 s for the feed, so that snapshots have its epoch."""
        tasks = [asyncio.create_task(loop.keep_running()) for loop in self.loops]
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(START_SECONDS):
                    await self.feed_publisher.ready.wait()
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._feed_listener.close()
            if self.broker:
                await self.broker.close()
            await self.probe.close()
            await self.background.close()

    async def _publish_positions(self) -> None:
        if not self._loaded:
            await self._load()
        await asyncio.sleep(POSITIONS_SECONDS)
        self.publish_moves()

    def publish_moves(self) -> None:
        """Publish the positions that have changed since the last call, and once a minute the masked ones."""
        self.hub.publish_positions(self.force_positions.drain())
        minute = mask_time(self.now())
        if minute != self._masked_at:
            self._masked_at = minute
            self._publish_masked()

    def _publish_masked(self) -> None:
        self.hub.publish_positions(self.force_positions.renew_masked(), masked=True)

    async def _load(self) -> None:
        """Load positions, sources and the last event time from the store at start.

        Whoever has joined meanwhile is sent all positions: one that came before this may be missing in their snapshot.
        """
        async with self.background.transaction(self.root) as session:
            positions = await latest_positions(session)
            reported = await last_reports_by_source(session, since=self.now() - SOURCE_MEMORY)
            newest = await queries.newest_at(session)
        if newest:
            self.now.go_on_from(newest)
        self.force_positions.update(positions, now=self.now.system())
        self._publish_masked()
        for source, at in reported.items():
            self.sources.record(source, at)
        self._loaded = True

    async def _beat(self) -> None:
        """Send a beat, which confirms that nothing was missed, unless the feed cannot be read."""
        await asyncio.sleep(BEAT_SECONDS)
        self.hub.maps = self.maps() if self.maps else ""
        if "feed" not in self.failing:
            self.hub.beat(self.now())

    def _publish_lines(self, version: str) -> None:
        """Say at once, by a beat, that other lines are in force."""
        self.hub.lines = version
        if "feed" not in self.failing:
            self.hub.beat(self.now())

    async def _check_rights(self) -> None:
        await asyncio.sleep(RIGHTS_SECONDS)
        await close_revoked_sockets(self.background, self.hub, now=self.now())
        async with self.background.transaction(self.root) as session:
            waiting = self.backlog = await queries.backlog(session)
            self._lag_ms = self.lag_ms(waiting)
            await self._compare_clocks(session)
        metrics.OUTBOX.set(waiting.events)
        metrics.FEED_LAG.set(self._lag_ms / 1000)
        metrics.FEED_POSITION.set(self.hub.head.pos)

    async def _compare_clocks(self, session: AsyncSession) -> None:
        theirs = (await session.execute(select(func.clock_timestamp()))).scalar_one()
        self.clock_watch.compare(ours=system_time(), theirs=theirs)

    async def _publish_health(self) -> None:
        self._publish_troubles()
        await asyncio.sleep(TROUBLES_SECONDS)

    def _publish_troubles(self) -> None:
        """Publish troubles when they change, and every `BEAT_SECONDS` while there are any."""
        troubles, at = self.troubles(lag_ms=self._lag_ms), asyncio.get_running_loop().time()
        kinds = [(trouble.code, trouble.name) for trouble in troubles]
        if kinds != self._published_troubles[0] or (kinds and at - self._published_troubles[1] >= BEAT_SECONDS):
            self._published_troubles = (kinds, at)
            self.hub.publish_troubles(troubles)

    async def run_maintenance(self) -> None:
        """Add partitions; delete expired data and update households to new boundaries unless the clock is in doubt."""
        today = self.now().date()
        async with self.background.transaction(self.root) as session:
            await add_partitions(session, today=today)
            if not self.clock_watch.is_in_doubt:
                await drop_partitions(session, self._kept, today=today)
                await forget_old_places(session, self._kept, now=self.now())
                await forget(session, now=self.now())
        if not self.clock_watch.is_in_doubt:
            await self._households.run_maintenance(self.background, self.root, now=self.now())


def _address(store: Store, *, driver: str | None = None) -> str:
    """Return the URL of the store's database, for SQLAlchemy, or with another driver name, as for libpq."""
    url = store.engine.url
    return url.set(drivername=driver or url.drivername).render_as_string(hide_password=False)
