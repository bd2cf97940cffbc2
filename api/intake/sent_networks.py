"""Networks of sectors that somebody sends over HTTP: checked and stored as `maplebridge import network` does."""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from api.intake.files.importing import import_file
from api.intake.files.jobs import ImportJob, ImportOutcome, NetworkOptions
from api.intake.import_log import Origin
from api.intake.sent_files import FileUnusable, SentFile, read_sent
from api.place.pack import Pack
from geo.store import Store
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused


class NetworkFileUnusable(FileUnusable):
    """The file is no network of a sector that can be stored; nothing of it was."""

    code = "network.file"


@dataclass(frozen=True, slots=True)
class SentNetwork:
    """What a sender asks for: the sector of rows that name none, the first day, the width in metres from which on
    borders disagree, and the width in metres that `repair` may mend, None for nothing. With `preview` nothing is kept.
    """

    sector: str | None
    first_day: date
    width: float
    repair: float | None
    preview: bool


async def take_network(
    store: Store, pack: Pack, file: SentFile, wish: SentNetwork, *, keeper: str, now: datetime
) -> ImportOutcome:
    """Read a file and store the whole networks of its sectors, or nothing. Raises `NetworkFileUnusable`."""
    options = Options(file.datum, crs=file.crs, swap_xy=file.swap_xy, repair=wish.repair)
    try:
        table = await asyncio.to_thread(read_sent, file)
        job = ImportJob(
            "network",
            table,
            options,
            now=now,
            day=now.astimezone(pack.zone).date(),
            grid_options=NetworkOptions(wish.sector, wish.first_day, wish.width),
            dry_run=wish.preview,
            origin=Origin(keeper, file.name, hashlib.sha256(file.content).digest()),
        )
        return await import_file(store, pack, job)
    except FileRefused as refused:
        raise NetworkFileUnusable.of(refused) from refused
