"""Services of a running server, created once by `create_app` and available to every route."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from shapely.geometry.base import BaseGeometry
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from api.live.attention import Attention
from api.live.gzipped import GzippedJson
from api.live.live import Live
from api.live.raster_source import RasterMaps
from api.live.single_flight import SingleFlight
from api.live.turns import Turns
from api.place.catalogue import ALL
from api.place.pack import Pack
from api.settings import Settings
from api.watch.byte_stores import bytes_of
from api.watch.clock import SteadyClock
from api.watch.push_service import PushService
from api.watch.road_server import roads_of
from api.watch.video_platform import platform_of
from console.attachments.byte_store import ByteStore
from console.attachments.rules import StoredMedia
from console.cases.casework import Casework
from console.cases.due_moves import retries
from console.cases.moving import CasesOfPosts
from console.cases.noticing import CaseNotices
from console.cases.pause_ends import ends_of_pauses
from console.clocks.deadlines import CaseSide, NoCases, clock_moments
from console.closures.queries import closed_roads
from console.deadlines.rules import DeadlineKind
from console.feed.kinds import Kinds
from console.follow_ups.actions import draws, tellings
from console.lists.actions import overdue_answers
from console.networks.overlays import Overlays
from console.networks.queries import read_areas
from console.notices.actions import unanswered
from console.notices.rules import Delivery
from console.planning.drafts import Drafts
from console.planning.drawing import Tallies
from console.planning.proposals.asked import Proposals
from console.reach.circles import Circle, Circles
from console.register.actions import NoOpenCases, OpenCases
from console.rosters.deadlines import cover_gaps
from console.viewing.linking import Platform
from geo.store import Store
from layers.basemap.archive import Basemaps
from layers.catalogue import Catalogue
from layers.divisions.queries import Bbox
from layers.hotspots.accuracy import Accuracy
from layers.hotspots.cell_sets import CellSets
from layers.hotspots.measuring import Accuracies
from layers.hotspots.rules import Hotspots
from layers.key_areas.measuring import Coverages
from layers.roads.graph import Graph, Roads
from layers.tiles import LevelZooms

COSTLY_AT_ONCE = 2
"""Costly reads, such as exports and replays, that run at a time, one of each account."""
COSTLY_WAITING = 8
READS_OF_ACCOUNT = 4
"""Other reads that one account may have under way, or half of the connections where those are few."""
RASTER_READS = 8
"""Raster tiles that one account may have under way."""
READS_WAITING = 1_000
"""A hall's consoles may be signed in with one account."""


@dataclass(slots=True)
class Services:
    """Settings, pack, store, clock, and the live part.

    `reads` and `costly_reads` give each account its turns; `replays`, `hotspots`, `incident_reports`, `measures`,
    `reaches` and `view_exports` share equal ones. `circles` keeps who reaches which grids, `accuracies` how well
    hotspots have done, `drafts` and `tallies` keep plans in memory, `proposals` what was asked for them, `overlays` how
    networks lie on grids. `attention` knows who has which incident open.
    `delivery` says how notices are delivered, and `senders` by what ways to other systems; `push` is
    the way to push services, None without one; `casework` is the pack's
    case flow with these, `cases` what clocks ask of cases, `of_clocks` what happens at their moments, and `open_cases`
    takes over the cases of a post that ends. `roads` has the road graph in use, `basemaps` the basemap, `rasters`
    the raster map, `platform` the links to the video platform, None without one. `coverages` keeps how much
    of key areas cameras cover. `byte_store` has the contents of attachments, `media` prepares them.
    `now` returns an aware UTC datetime; `cell_sets` caches hotspot cells; `catalogue` has the layers of all features,
    `kinds` the kinds of entities in the feed.
    """

    settings: Settings
    pack: Pack
    store: Store
    now: SteadyClock
    cell_sets: CellSets
    live: Live
    kinds: Kinds
    senders: tuple[str, ...] = ()
    push: PushService | None = None
    catalogue: Catalogue = ALL
    attention: Attention = field(default_factory=Attention)
    level_zooms: LevelZooms = field(default_factory=LevelZooms)
    drafts: Drafts = field(init=False)
    tallies: Tallies = field(init=False)
    proposals: Proposals = field(default_factory=Proposals)
    overlays: Overlays = field(init=False)
    delivery: Delivery = field(init=False)
    casework: Casework | None = field(init=False)
    roads: Roads = field(init=False)
    basemaps: Basemaps = field(init=False)
    rasters: RasterMaps = field(init=False)
    coverages: Coverages = field(default_factory=Coverages)
    platform: Platform | None = field(init=False)
    cases: CaseSide = field(init=False)
    of_clocks: tuple[DeadlineKind, ...] = field(init=False)
    open_cases: OpenCases = field(init=False)
    reads: Turns = field(init=False)
    media: SingleFlight[StoredMedia] = field(default_factory=lambda: SingleFlight[StoredMedia](most=COSTLY_AT_ONCE))
    byte_store: ByteStore = field(init=False)
    raster_reads: Turns = field(default_factory=lambda: Turns(of_account=RASTER_READS, waiting=READS_WAITING))
    costly_reads: Turns = field(
        default_factory=lambda: Turns(of_account=1, waiting=COSTLY_WAITING, in_all=COSTLY_AT_ONCE)
    )
    replays: SingleFlight[GzippedJson] = field(default_factory=lambda: SingleFlight[GzippedJson](most=COSTLY_AT_ONCE))
    accuracies: Accuracies = field(default_factory=Accuracies)
    measures: SingleFlight[Accuracy] = field(default_factory=lambda: SingleFlight[Accuracy](most=1))
    hotspots: SingleFlight[Hotspots] = field(default_factory=lambda: SingleFlight[Hotspots](most=COSTLY_AT_ONCE))
    incident_reports: SingleFlight[bytes] = field(default_factory=lambda: SingleFlight[bytes](most=COSTLY_AT_ONCE))
    circles: Circles = field(default_factory=Circles)
    reaches: SingleFlight[Circle] = field(default_factory=lambda: SingleFlight[Circle](most=1))
    view_exports: SingleFlight[str] = field(default_factory=lambda: SingleFlight[str](most=COSTLY_AT_ONCE))

    def __post_init__(self) -> None:
        levels = [level.level for level in self.pack.root.levels]
        self.drafts, self.overlays = Drafts(levels), Overlays(levels)
        least = self.pack.hotspots.masked_least
        self.tallies = Tallies(self.pack.dispatch.minutes, least=least, communities=self._communities)
        self.roads = roads_of(self.settings)
        self.basemaps = Basemaps(self.settings.basemap_dir)
        self.rasters = RasterMaps(self.settings)
        self.byte_store = bytes_of(self.settings)
        self.platform = platform_of(self.settings)
        self.delivery = replace(self.pack.delivery, senders=self.senders)
        work = self.casework = self.pack.casework and replace(self.pack.casework, delivery=self.delivery)
        self.cases = NoCases() if work is None else CaseNotices(work)
        of_cases: tuple[DeadlineKind, ...] = ()
        if work is not None:
            told = tellings(self.delivery), overdue_answers(self.delivery), ends_of_pauses(work, self.delivery)
            of_cases = draws(work), retries(work), *told
        cover = cover_gaps(self.delivery, self.pack.roster, self.pack.times)
        self.of_clocks = clock_moments(self.delivery, self.cases), unanswered(self.delivery), cover, *of_cases
        self.open_cases = NoOpenCases() if work is None else CasesOfPosts(work)
        few = max(1, self.settings.database_pool // 2)
        self.reads = Turns(of_account=min(READS_OF_ACCOUNT, few), waiting=READS_WAITING)

    async def _communities(self, session: AsyncSession, box: Bbox, now: datetime) -> list[BaseGeometry] | None:
        """Read the outlines of communities that come near a box; None where the pack or the store knows none."""
        sector = self.pack.networks.communities
        if sector is None:
            return None
        found = await read_areas(session, box, day=now.astimezone(self.pack.zone).date(), sector=sector)
        return [area.shape for area in found] or None

    async def close(self) -> None:
        """End the processes and connections that were begun for requests."""
        await self.proposals.close()
        self.roads.close()
        self.basemaps.close()
        await self.rasters.close()

    async def open_roads(self, session: AsyncSession) -> Graph | None:
        """Return the road graph in use without what is closed now, for one answer; None without roads."""
        return self.roads.now(await closed_roads(session, now=self.now()) if self.roads.now() else ())

    def maps_version(self) -> str:
        """Return the versions of the basemap and the raster map in use, with a space between; empty without both."""
        basemap, raster = self.basemaps.now(), self.rasters.now()
        return " ".join(one.info.version for one in (basemap, raster) if one is not None)

    def today(self) -> date:
        """Return the local day of the county."""
        return self.now().astimezone(self.pack.zone).date()


def services_of(connection: HTTPConnection) -> Services:
    found = connection.app.state.services
    assert isinstance(found, Services)
    return found
