"""A county that is really served, on a database that survives a crash: what faults are tried on."""

import os
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg import sql

from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import DATABASE, OWNER, Urls, connect, urls_of
from geo.store import Store
from tests.browser.server import Server
from tests.conftest import COUNTY, settle_in
from tests.worlds import World


@pytest.fixture(scope="session")
def full() -> bool:
    """Whether faults are tried at the size of a county's worst day: `MAPLEBRIDGE_FAULTS=full`."""
    return os.environ.get("MAPLEBRIDGE_FAULTS") == "full"


@pytest.fixture
def rng(record_property: Callable[[str, object], None]) -> random.Random:
    """Repeatable randomness: `MAPLEBRIDGE_FAULTS_SEED` takes the seed reported by a run."""
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


@pytest.fixture(scope="session")
def crash_safe() -> Iterator[tuple[Cluster, World]]:
    """A cluster that survives a crash, for all tests that break one: it keeps the settled county as a template."""
    with tempfile.TemporaryDirectory(prefix="maplebridge-crash-safe-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        cluster = Cluster(Path(name) / "state")
        with cluster.held() as urls:
            migrate(urls.owner)
            world = settle_in(urls)
            with connect(cluster.socket) as server:
                server.execute(f"ALTER DATABASE {DATABASE} RENAME TO {COUNTY}")
            yield cluster, world


def _begin_anew(cluster: Cluster) -> None:
    """Leave of all databases only the county as it was settled."""
    with connect(cluster.socket) as server:
        found = server.execute("SELECT datname FROM pg_database WHERE NOT datistemplate").fetchall()
        for (name,) in found:
            if name not in ("postgres", COUNTY):
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {COUNTY} OWNER {OWNER}")


@pytest.fixture
def nats_url() -> str:
    """Empty: a server of its own. A test of several servers overrides it."""
    return ""


@pytest.fixture
async def site(crash_safe: tuple[Cluster, World], folder: Path, nats_url: str) -> AsyncIterator[Site]:
    """The county, its server running."""
    cluster, world = crash_safe
    _begin_anew(cluster)
    urls = urls_of(cluster.socket)
    store = Store(urls.app, pool_size=20)
    server = Server(urls, folder, nats_url=nats_url)
    await server.start()
    yield Site(cluster, urls, store, world, server, folder)
    await server.stop()
    await store.close()
