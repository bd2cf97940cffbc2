"""`maplebridge restore`: what a backup holds, in place of what is there."""

from pathlib import Path
from typing import Annotated, ClassVar

import psycopg
import typer

from api.keeping.commands.database import bring_up_to_date, opened
from api.keeping.postgres.dump import load
from api.keeping.postgres.roles import conninfo_of
from api.settings import Settings
from geo.errors import MaplebridgeError

NEW_EPOCH = "UPDATE feed_head SET epoch = gen_random_uuid()"
"""Positions given after the backup was made will be given again: whoever holds one must start anew."""

OTHERS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND usename IS NOT NULL
"""
"""Of other roles' sessions their owner's name is shown, and little else; vacuum workers have none."""


class DatabaseInUse(MaplebridgeError):
    """Somebody works with the database that is to be replaced. `params`: `others`, how many connections."""

    code: ClassVar[str] = "database.in_use"

    def __str__(self) -> str:
        return f"{self.params['others']} others are connected: stop the server and whatever else uses the database"


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A file made by `maplebridge backup`.")],
) -> None:
    """Put the contents of FILE in place of the database's: all of it, or nothing. Stop the server first."""
    with opened(Settings()) as urls:
        owner = conninfo_of(urls.owner)
        _refuse_company(owner)
        load(owner, file)
        bring_up_to_date(urls)
        with psycopg.connect(owner) as connection:
            connection.execute(NEW_EPOCH)
    typer.echo(f"{file}: restored")


def _refuse_company(owner: str) -> None:
    with psycopg.connect(owner) as connection:
        row = connection.execute(OTHERS).fetchone()
    if row and row[0]:
        raise DatabaseInUse(others=row[0])
