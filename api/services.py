"""What a running server holds, made once by `create_app` and reached from every route."""

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
"""Each is written by a process of its own; others wait, without a connection."""


@dataclass(slots=True)
class Services:
    """Settings, pack, store and clock, and what runs beside requests.

    `now` answers an aware UTC datetime; `cell_sets` caches hotspot cells; `catalogue` holds the layers of all rooms,
    `kinds` the kinds of things that the feed carries.
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
        """The day it is in the county."""
        return self.now().astimezone(self.pack.zone).date()


def services_of(connection: HTTPConnection) -> Services:
    found = connection.app.state.services
    assert isinstance(found, Services)
    return found
