"""Watch disk space: the database's, wherever it is, and this machine's."""

import asyncio
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.store import NO_REACH, Store, is_disk_full

log = structlog.get_logger()

INTERVAL_SECONDS = 30.0
RETRY_SECONDS = 2.0
LEAST_BYTES = 500_000_000
LEAST_SHARE = 0.05
"""Low is less than either: a small disk may be nearly empty and have less than `LEAST_BYTES`."""

PROBE = (
    text("SET LOCAL work_mem = '64kB'"),
    text("""
        SELECT length(word) FROM (SELECT repeat(md5(i::text), 32) AS word FROM generate_series(1, 2000) AS i) AS words
        ORDER BY word OFFSET 1999
    """),
)
"""Sorts two megabytes, which exceed work_mem, and so writes a temporary file on the database's disk."""


@dataclass(frozen=True, slots=True)
class Disk:
    """Free and total bytes of this machine's disk."""

    free: int
    total: int

    @property
    def is_low(self) -> bool:
        return self.free < min(LEAST_BYTES, self.total * LEAST_SHARE)


class Space:
    """Watches for a full database disk. `is_full`: a write was refused for lack of space, and none has succeeded
    since.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self.is_full = False
        self._store = store
        self._folder = folder
        self._refused = asyncio.Event()

    def report_full(self) -> None:
        """Record that a request was refused for lack of space, and probe soon."""
        self._record(lacking=True)
        self._refused.set()

    @property
    def disk(self) -> Disk:
        """Disk of the private cluster if there is one, else of the server's own folder."""
        places = (self._folder / "postgres", self._folder, *self._folder.parents)
        found = shutil.disk_usage(next(place for place in places if place.exists()))
        return Disk(free=found.free, total=found.total)

    async def step(self) -> None:
        """Wait for the interval, or until a request was refused, then probe."""
        with suppress(TimeoutError):
            async with asyncio.timeout(RETRY_SECONDS if self.is_full else INTERVAL_SECONDS):
                await self._refused.wait()
        self._refused.clear()
        await self._probe()
        if self.is_full:
            await asyncio.sleep(RETRY_SECONDS)

    async def _probe(self) -> None:
        try:
            async with self._store.transaction(NO_REACH) as session:
                for statement in PROBE:
                    await session.execute(statement)
        except DBAPIError as error:
            if not is_disk_full(error):
                raise
            self._record(lacking=True)
        else:
            self._record(lacking=False)

    def _record(self, *, lacking: bool) -> None:
        if lacking != self.is_full:
            self.is_full = lacking
            log.error("disk_full") if lacking else log.info("disk_has_room")
