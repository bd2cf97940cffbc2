"""A small place of a pack, served, with its screens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import connect, urls_of
from api.place.reading import load_pack
from geo.store import Store
from tests.browser.county import County
from tests.browser.screens import Screens
from tests.browser.server import Server
from tests.conftest import copied
from tests.small_places import NAMES, settle_place


@asynccontextmanager
async def served_place(cluster: Cluster, template: str, folder: Path, place: str) -> AsyncIterator[County]:
    """The small place of a pack, served as long as the block."""
    with copied(cluster, template) as name, connect(cluster.socket, name) as superuser:
        urls = urls_of(cluster.socket, name)
        store = Store(urls.app, pool_size=1)
        world = await settle_place(store, load_pack(place), now=datetime.now(UTC))
        await store.close()
        server = Server(urls, folder, place=place)
        await server.start()
        county = County(world, server, superuser)
        yield county
        await county.close()
        await server.stop()


@dataclass(slots=True)
class Walk:
    """One small place with its screens."""

    place: str
    county: County
    screens: Screens

    @property
    def village(self) -> str:
        """The name of the first village, in which everything happens."""
        return NAMES[self.place][1][0][1]
