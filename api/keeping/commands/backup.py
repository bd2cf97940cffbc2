"""`maplebridge backup`: write the database and the attachments to a file."""

from pathlib import Path
from typing import Annotated

import psycopg
import typer

from api.keeping.commands.backup_file import pack
from api.keeping.commands.database import open_database, require_migrated
from api.keeping.commands.progress import progress
from api.keeping.postgres.dump import dump
from api.keeping.postgres.roles import SUPERUSER, conninfo_of
from api.keeping.words import said
from api.settings import Settings
from api.watch.byte_stores import bytes_of

NAMED = "SELECT digest FROM attachments UNION SELECT thumbnail_digest FROM attachments WHERE thumbnail_digest <> ''"


def backup(file: Annotated[Path, typer.Argument(help="The backup file; an existing one is replaced.")]) -> None:
    """Write the whole database and all attachments to FILE, as of one moment. The server may keep running."""
    settings = Settings()
    dumped = file.with_name(f"{file.name}.database")
    with open_database(settings) as urls:
        require_migrated(urls)
        owner = conninfo_of(urls.owner)
        every_row = owner if settings.database_url else f"{owner} user={SUPERUSER}"
        try:
            with progress() as shown:
                shown.step("dump")
                with psycopg.connect(every_row) as connection:
                    named = {digest for (digest,) in connection.execute(NAMED)}
                dump(every_row, dumped)
                held = pack(dumped, bytes_of(settings), file, shown=shown)
        finally:
            dumped.unlink(missing_ok=True)
    typer.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB")
    if lost := named - held:
        typer.echo(said("{count} files of attachments are not in the store, and not in the backup", count=len(lost)))
