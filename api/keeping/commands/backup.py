"""`maplebridge backup`: write the database to a file."""

from pathlib import Path
from typing import Annotated

import typer

from api.keeping.commands.database import open_database, require_migrated
from api.keeping.commands.progress import progress
from api.keeping.postgres.dump import dump
from api.keeping.postgres.roles import SUPERUSER, conninfo_of
from api.settings import Settings


def backup(file: Annotated[Path, typer.Argument(help="The backup file; an existing one is replaced.")]) -> None:
    """Write the whole database to FILE, as of one moment. The server may keep running."""
    settings = Settings()
    with open_database(settings) as urls:
        require_migrated(urls)
        owner = conninfo_of(urls.owner)
        with progress() as shown:
            shown.step("dump")
            dump(owner if settings.database_url else f"{owner} user={SUPERUSER}", file)
    typer.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB")
