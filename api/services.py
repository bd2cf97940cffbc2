"""Services of a running server, created once by `create_app` and available to every route."""

from asyncio import Semaphore
from dataclasses import dataclass, field
from datetime import date

from starlette.requests import HTTPConnection

from api.live.live import Live
from api.place.catalogue import ALL
from api.place.pack import Pack
from api.settings import Settings
from api.watch.clock import SteadyClock
from console.feed.kinds import Kinds
from geo.store import Store
from layers.catalogue import Catalogue
from layers.hotspots.cell_sets import CellSets
from layers.tiles import LevelZooms

EXPORTS_AT_ONCE = 2
"""Each is written by its own process; others wait without a connection."""


@dataclass(slots=True)
class Services:
    """Settings, pack, store, clock, and the live part.

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
    catalogue: Catalogue = ALL
    level_zooms: LevelZooms = field(default_factory=LevelZooms)
    exports: Semaphore = field(default_factory=lambda: Semaphore(EXPORTS_AT_ONCE))

    def today(self) -> date:
        """Return the local day of the county."""
        return self.now().astimezone(self.pack.zone).date()


def services_of(connection: HTTPConnection) -> Services:
    found = connection.app.state.services
    assert isinstance(found, Services)
    return found
