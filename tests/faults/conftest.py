"""A county that is really served, on a database that survives a crash: what faults are tried on."""

import os
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import Urls
from geo.store import Store
from tests.browser.server import Server
from tests.worlds import World, settle


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether faults are tried at the size of a county's worst day: `MAPLEBRIDGE_FAULTS=full`."""
    return os.environ.get("MAPLEBRIDGE_FAULTS") == "full"


@pytest.fixture
def rng(record_property: Callable[[str, object], None]) -> random.Random:
    """Randomness that can be had again: `MAPLEBRIDGE_FAULTS_SEED` takes the number that a run has told."""
    seed = os.environ.get("MAPLEBRIDGE_FAULTS_SEED") or str(random.SystemRandom().randrange(10**6))
    record_property("seed", seed)
    return random.Random(seed)


@dataclass(frozen=True, slots=True)
class Site:
    """A settled county: its cluster, its database as the roles see it, a store of the test's own, and the server."""

    cluster: Cluster
    urls: Urls
    store: Store
    world: World
    server: Server
    folder: Path


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's account can enter, which pytest's own are not where we are root."""
    with tempfile.TemporaryDirectory(prefix="maplebridge-faults-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
async def site(folder: Path) -> AsyncIterator[Site]:
    """The county, its server running."""
    cluster = Cluster(folder / "state")
    with cluster.held() as urls:
        migrate(urls.owner)
        store = Store(urls.app, pool_size=20)
        world = await settle(store, now=datetime.now(UTC))
        server = Server(urls, folder)
        await server.start()
        yield Site(cluster, urls, store, world, server, folder)
        await server.stop()
        await store.close()
