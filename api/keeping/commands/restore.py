"""`maplebridge restore`: replace the database's contents by those of a backup, and add its attachments."""

from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar

import psycopg
import typer

from api.keeping.commands.backup_file import unpacked
from api.keeping.commands.database import bring_up_to_date, open_database
from api.keeping.commands.progress import progress
from api.keeping.postgres.dump import load
from api.keeping.postgres.roles import conninfo_of
from api.keeping.words import said
from api.settings import Settings
from api.watch.byte_stores import bytes_of
from console.feed.actions import NEW_EPOCH
from geo.errors import MaplebridgeError

OTHERS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND usename IS NOT NULL
"""
"""Sessions of other roles show their name and little else; vacuum workers have no name."""


class DatabaseInUse(MaplebridgeError):
    """Other connections use the database that is to be replaced. `params`: `others`, how many."""

    code: ClassVar[str] = "database.in_use"

    def __str__(self) -> str:
        return said("{others} other connections: stop the server and all other clients of the database", **self.params)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file made by `maplebridge backup`.")],
) -> None:
    """Replace the database's contents by those of FILE: completely, or not at all. Stop the server first.

    Attachments of FILE are added to those that are there.
    """
    settings = Settings()
    with open_database(settings) as urls:
        owner = conninfo_of(urls.owner)
        _require_no_connections(owner)
        with progress() as shown, unpacked(file, bytes_of(settings), shown=shown) as dumped:
            shown.step("restore")
            load(owner, dumped)
            bring_up_to_date(urls, on_progress=partial(shown.step, "migrate"))
        with psycopg.connect(owner) as connection:
            connection.execute(NEW_EPOCH)  # Positions after the backup will be assigned again.
    typer.echo(said("{file}: restored", file=file))


def _require_no_connections(owner: str) -> None:
    with psycopg.connect(owner) as connection:
        row = connection.execute(OTHERS).fetchone()
    if row and row[0]:
        raise DatabaseInUse(others=row[0])
