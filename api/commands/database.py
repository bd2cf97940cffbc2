"""The database that the settings point to: a server of one's own, or the private cluster while it is needed."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import ClassVar

from sqlalchemy import make_url

from api.migrations.history import current_version, newest_version
from api.postgres.cluster import Cluster
from api.postgres.roles import Urls
from api.settings import Settings
from geo.errors import MaplebridgeError
from geo.store import Store


class NotMigrated(MaplebridgeError):
    """The database is at another version than this program. `params`: `found`, `wanted`."""

    code: ClassVar[str] = "database.not_migrated"

    def __str__(self) -> str:
        found = self.params["found"] or "empty"
        return f"the database is {found}, this program wants version {self.params['wanted']}: run `maplebridge migrate`"


@contextmanager
def opened(settings: Settings) -> Iterator[Urls]:
    """The database's URLs, with a server behind them while the block lasts."""
    if settings.database_url:
        app = with_driver(settings.database_url)
        owner = settings.migration_database_url
        yield Urls(owner=with_driver(owner) if owner else app, app=app)
    else:
        with Cluster(settings.data_dir).held() as urls:
            yield urls


def with_driver(url: str) -> str:
    """The URL with our driver in it: keepers write `postgresql://`, as PostgreSQL's own programs do."""
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def require_migrated(urls: Urls) -> None:
    """Raise NotMigrated unless the database is at this program's version."""
    found, wanted = current_version(urls.app), newest_version()
    if found != wanted:
        raise NotMigrated(found=found, wanted=wanted)


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """The store of a migrated database, for a command that does one thing and ends."""
    with opened(settings) as urls:
        require_migrated(urls)
        store = Store(urls.app, pool_size=2)
        try:
            yield store
        finally:
            await store.close()
