"""`maplebridge migrate`: migrate the database to this program's version."""

from functools import partial

import typer

from api.keeping.commands.database import bring_up_to_date, open_database
from api.keeping.commands.progress import progress
from api.keeping.migrations import history
from api.keeping.words import said
from api.settings import Settings


def migrate() -> None:
    """Migrate the database to this program's version: completely, or not at all."""
    with open_database(Settings()) as urls:
        before = history.current_version(urls.owner)
        with progress() as shown:
            bring_up_to_date(urls, on_progress=partial(shown.step, "migrate"))
        after = history.current_version(urls.owner)
    if before == after:
        typer.echo(said("{version}: nothing to do", version=after))
    else:
        typer.echo(f"{before or said('empty')} → {after}")
