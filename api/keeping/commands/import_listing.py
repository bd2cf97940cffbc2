"""`maplebridge import log`: which files came in, and by whom."""

import asyncio
from collections.abc import Sequence
from datetime import UTC
from typing import Annotated

import typer

from api.intake.import_log import ImportEntry, list_imports
from api.keeping.commands.database import open_store
from api.keeping.commands.import_messages import counts_text
from api.keeping.words.language import is_chinese
from api.place.reading import load_pack
from api.settings import Settings
from geo.store import Reach

SHOWN_OF_DIGEST = 16


def log(limit: Annotated[int, typer.Option(min=1, max=10_000, help="Number of entries, newest first.")] = 20) -> None:
    """List imports: time, account, kind, datum, file, beginning of its SHA-256, and rows by outcome."""
    for entry in asyncio.run(_logged(Settings(), limit=limit)):
        counts = counts_text(entry.counts, chinese=is_chinese())
        when = entry.at.astimezone(UTC).isoformat(timespec="seconds")
        columns = (
            when,
            entry.keeper,
            entry.kind,
            entry.datum,
            entry.file,
            entry.digest.hex()[:SHOWN_OF_DIGEST],
            counts,
        )
        typer.echo("\t".join(columns))


async def _logged(settings: Settings, *, limit: int) -> Sequence[ImportEntry]:
    root = load_pack(settings.county).root.code
    async with open_store(settings) as store, store.transaction(Reach(scope=root)) as session:
        return await list_imports(session, limit=limit)
