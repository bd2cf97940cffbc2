"""`maplebridge recount`: recount hotspots."""

import asyncio
from collections.abc import Callable
from functools import partial

import typer

from api.keeping.commands.database import open_store
from api.keeping.commands.progress import progress
from api.keeping.words import said
from api.place.reading import load_pack
from api.settings import Settings
from console.incidents.actions import recount as recount_all
from geo.store import Reach


def recount() -> None:
    """Recount hotspots from all incidents. The server may keep running; reports wait for some seconds."""
    with progress() as shown:
        rows = asyncio.run(_recount(Settings(), partial(shown.step, "count")))
    typer.echo(said("{rows} counts: a cell, a category and a quarter of an hour each", rows=rows))


async def _recount(settings: Settings, on_progress: Callable[[int, int], None]) -> int:
    root = load_pack(settings.county).root.code
    async with open_store(settings) as store, store.transaction(Reach(scope=root)) as session:
        return await recount_all(session, on_progress=on_progress)
