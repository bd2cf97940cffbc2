"""`maplebridge backup`: everything in one file."""

from pathlib import Path
from typing import Annotated

import typer

from api.keeping.commands.database import opened, require_migrated
from api.keeping.postgres.dump import dump
from api.keeping.postgres.roles import SUPERUSER, conninfo_of
from api.settings import Settings


def backup(file: Annotated[Path, typer.Argument(help="Where to write it; an older file there is replaced.")]) -> None:
    """Write the whole database to FILE. The server may go on running: the backup shows one moment."""
    settings = Settings()
    with opened(settings) as urls:
        require_migrated(urls)
        owner = conninfo_of(urls.owner)
        dump(owner if settings.database_url else f"{owner} user={SUPERUSER}", file)
    typer.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB")
