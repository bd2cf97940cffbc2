"""Whether there is room to write: for the database wherever it is, and on this machine's own disk."""

import asyncio
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geo.store import NOWHERE, Store, is_disk_full

log = structlog.get_logger()

LOOK_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 2.0
LEAST_BYTES = 500_000_000
LEAST_SHARE = 0.05
"""Less than either of them is little: a small disk may be nearly empty and have less than the first."""

PROBE = (
    text("SET LOCAL work_mem = '64kB'"),
    text("""
        SELECT length(word) FROM (SELECT repeat(md5(i::text), 32) AS word FROM generate_series(1, 2000) AS i) AS words
        ORDER BY word OFFSET 1999
    """),
)
"""A sort of two megabytes that does not fit into memory, and so goes to the database's disk. It leaves nothing."""


@dataclass(frozen=True, slots=True)
class Disk:
    """What is left on this machine's disk, in bytes."""

    free: int
    total: int

    @property
    def is_low(self) -> bool:
        return self.free < min(LEAST_BYTES, self.total * LEAST_SHARE)


class Space:
    """`is_lacking`: the database has refused to write because its disk is full, and has not written since."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.is_lacking = False
        self._store = store
        self._folder = folder
        self._suspected = asyncio.Event()

    def suspect(self) -> None:
        """Somebody was refused for want of room."""
        self._note(lacking=True)
        self._suspected.set()

    @property
    def disk(self) -> Disk:
        """The disk of the private cluster where there is one, else of the server's own folder."""
        places = (self._folder / "postgres", self._folder, *self._folder.parents)
        found = shutil.disk_usage(next(place for place in places if place.exists()))
        return Disk(free=found.free, total=found.total)

    async def step(self) -> None:
        """Wait a while, or until somebody was refused, and try it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_SECONDS if self.is_lacking else LOOK_SECONDS):
                await self._suspected.wait()
        self._suspected.clear()
        await self._try()
        if self.is_lacking:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _try(self) -> None:
        try:
            async with self._store.transaction(NOWHERE) as session:
                for statement in PROBE:
                    await session.execute(statement)
        except DBAPIError as error:
            if not is_disk_full(error):
                raise
            self._note(lacking=True)
        else:
            self._note(lacking=False)

    def _note(self, *, lacking: bool) -> None:
        if lacking != self.is_lacking:
            self.is_lacking = lacking
            log.error("disk_full") if lacking else log.info("disk_has_room")
