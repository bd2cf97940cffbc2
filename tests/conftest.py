"""A real PostGIS for every test that asks for one: a cluster per run, a database per test, copied from a template."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncSession

from api.keeping.migrations.history import migrate
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import OWNER, Urls, connect, make_database, urls_of
from geo.store import Reach, Store, bind_reach
from tests.suite.hooks import (
    pytest_addoption,
    pytest_asyncio_loop_factories,
    pytest_collection,
    pytest_collection_finish,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
)
from tests.suite.memory import folder_in_memory, own_prefix, remove_left
from tests.worlds import World, settle

__all__ = [
    "pytest_addoption",
    "pytest_asyncio_loop_factories",
    "pytest_collection",
    "pytest_collection_finish",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_xdist_auto_num_workers",
    "pytest_xdist_make_scheduler",
]

TEMPLATE, COUNTY = "template_migrated", "template_county"
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private cluster that no crash has to survive, running for the whole session."""
    place = folder_in_memory()
    remove_left(place or Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=own_prefix(), dir=place, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # The server's account, another one where we are root, has to get through.
        cluster = Cluster(Path(folder) / "state", durable=False)
        with cluster.held():
            yield cluster
            _server(cluster.socket).close()


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """The name of a migrated, empty database that others are copied from. Nobody stays connected to it."""
    make_database(cluster.socket, TEMPLATE)
    migrate(urls_of(cluster.socket, TEMPLATE).owner)
    return TEMPLATE


@dataclass(frozen=True, slots=True)
class Settled:
    """A database with the small county in it, to copy others from, and what `settle` answered of it."""

    template: str
    world: World


@pytest.fixture(scope="session")
def settled(cluster: Cluster, template: str) -> Settled:
    """The small county, settled once: a copy costs less than settling another."""
    name = _copy(cluster, template, COUNTY)
    return Settled(name, settle_in(urls_of(cluster.socket, name)))


def settle_in(urls: Urls) -> World:
    """Fill a migrated database with the small county, and leave it with nobody connected."""

    async def settled() -> World:
        store = Store(urls.app, pool_size=1)
        try:
            return await settle(store)
        finally:
            await store.close()

    with ThreadPoolExecutor(1) as apart:  # From whatever loop runs here.
        return apart.submit(asyncio.run, settled()).result()


@cache
def _server(socket: Path) -> psycopg.Connection:
    """The connection that copies and drops: signing in as superuser takes as long as half a copy."""
    return connect(socket)


def _copy(cluster: Cluster, template: str, name: str | None = None) -> str:
    name = name or f"test_{next(numbers)}"
    words = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY = file_copy")
    _execute(cluster, words.format(*map(sql.Identifier, (name, template, OWNER))))
    return name


def _drop(cluster: Cluster, name: str) -> None:
    _execute(cluster, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(cluster: Cluster, statement: sql.Composed) -> None:
    """Execute a statement as superuser, on a new connection where a test has ended the server of the old one."""
    try:
        _server(cluster.socket).execute(statement)
    except psycopg.OperationalError:
        _server.cache_clear()
        _server(cluster.socket).execute(statement)


@contextmanager
def copied(cluster: Cluster, template: str) -> Iterator[str]:
    """The name of a migrated database that lasts as long as the block."""
    name = _copy(cluster, template)
    yield name
    _drop(cluster, name)


@pytest.fixture
def database(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[Urls]:
    """A migrated database of the test's own, for tests that commit: with the county where `world` is asked for."""
    if "world" in request.fixturenames:
        template = request.getfixturevalue("settled").template
    else:
        template = request.getfixturevalue("template")
    with copied(cluster, template) as name:
        yield urls_of(cluster.socket, name)


@pytest.fixture
def world(settled: Settled, database: Urls) -> World:
    """The small county, which the test's own database holds already."""
    return settled.world


@pytest.fixture
async def store(database: Urls) -> AsyncIterator[Store]:
    """The test's own database as the server sees it: through the app role, bound by row-level security."""
    store = Store(database.app)
    yield store
    await store.close()


@pytest.fixture(scope="session")
def shared_database(cluster: Cluster, template: str) -> Urls:
    """One database for all tests that commit nothing."""
    return urls_of(cluster.socket, _copy(cluster, template))


@pytest.fixture
def reach() -> Reach:
    """How far `session` may see. A test file overrides this fixture for another reach."""
    return Reach(scope="320509")


@pytest.fixture
async def session(shared_database: Urls, reach: Reach) -> AsyncIterator[AsyncSession]:
    """A session inside a transaction that is rolled back after the test."""
    store = Store(shared_database.app, pool_size=1)
    async with AsyncSession(store.engine, expire_on_commit=False) as session, session.begin() as transaction:
        await bind_reach(session, reach)
        yield session
        await transaction.rollback()
    await store.close()
