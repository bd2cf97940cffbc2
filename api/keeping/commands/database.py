"""Open the database of the settings: an external server, or the private cluster while a command needs it."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from time import monotonic, sleep
from typing import ClassVar

import psycopg
import structlog
from sqlalchemy import make_url

from api.keeping.migrations.history import StepsDone, current_version, is_known, migrate, newest_version, no_steps
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import EXTENSIONS, Urls, conninfo_of
from api.keeping.words import said
from api.settings import Settings
from geo.errors import MaplebridgeError
from geo.store import Store

log = structlog.get_logger()

STARTING_SECONDS = 60.0
"""For a database that starts or recovers beside the server, as after a power cut."""

PAUSE_SECONDS = 0.5


class NotMigrated(MaplebridgeError):
    """The database is at an older version than this program, or empty. `params`: `found`, `wanted`."""

    code: ClassVar[str] = "database.not_migrated"

    def __str__(self) -> str:
        found = self.params["found"] or said("empty")
        return said(
            "the database is {found}, this program needs {wanted}: run `./maplebridge migrate`",
            found=found,
            wanted=self.params["wanted"],
        )


class NewerDatabase(MaplebridgeError):
    """The database is at a version that this program does not know. `params`: `found`, `wanted`."""

    code: ClassVar[str] = "database.newer"

    def __str__(self) -> str:
        return said(
            "the database is {found}, this program supports up to {wanted}: install the newer program", **self.params
        )


class ExtensionsMissing(MaplebridgeError):
    """The database lacks extensions that only a superuser can create. `params`: `extensions`."""

    code: ClassVar[str] = "database.extensions"

    def __str__(self) -> str:
        statements = " ".join(f"CREATE EXTENSION {name};" for name in self.params["extensions"])
        return said(
            "the database lacks extensions; run as its superuser: {statements}\ndocs/settings.md lists what it needs.",
            statements=statements,
        )


@contextmanager
def open_database(settings: Settings) -> Iterator[Urls]:
    """Yield the database's URLs; the private cluster runs while the block lasts."""
    if settings.database_url:
        app = with_driver(settings.database_url)
        owner = settings.migration_database_url
        yield Urls(owner=with_driver(owner) if owner else app, app=app)
    else:
        with Cluster(settings.data_dir).held() as urls:
            yield urls


def with_driver(url: str) -> str:
    """Add our driver to the URL: administrators write `postgresql://`, as PostgreSQL's own programs do."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def wait_until_reachable(urls: Urls, *, seconds: float, pause: Callable[[float], None] = sleep) -> None:
    """Wait for a database that starts or recovers. Raises `psycopg.OperationalError` if it is not reachable in time."""
    latest = monotonic() + seconds
    for attempt in count():
        try:
            psycopg.connect(conninfo_of(urls.app)).close()
            return
        except psycopg.OperationalError as error:
            if monotonic() >= latest:
                raise
            if not attempt:
                log.warning("database_away", problem=" ".join(str(error).split()), waiting_s=seconds)
            pause(PAUSE_SECONDS)


def require_migrated(urls: Urls) -> None:
    """Raise `NotMigrated` or `NewerDatabase` unless the database is at this program's version."""
    found, wanted = _version(urls.app)
    if found != wanted:
        raise NotMigrated(found=found, wanted=wanted)


def bring_up_to_date(urls: Urls, *, on_progress: StepsDone = no_steps) -> None:
    """Migrate the database as its owner. Raises `NewerDatabase` or `ExtensionsMissing`."""
    _version(urls.owner)
    with psycopg.connect(conninfo_of(urls.owner)) as owner:
        there = {name for (name,) in owner.execute("SELECT extname FROM pg_extension")}
    if missing := [name for name in EXTENSIONS if name not in there]:
        raise ExtensionsMissing(extensions=missing)
    migrate(urls.owner, on_progress=on_progress)


def _version(url: str) -> tuple[str | None, str | None]:
    """Return the version found and the version wanted. Raises `NewerDatabase`."""
    found, wanted = current_version(url), newest_version()
    if found and not is_known(found):
        raise NewerDatabase(found=found, wanted=wanted)
    return found, wanted


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Open the store of a migrated database, for a command that does one thing and ends."""
    with open_database(settings) as urls:
        require_migrated(urls)
        store = Store(urls.app, pool_size=2)
        try:
            yield store
        finally:
            await store.close()
