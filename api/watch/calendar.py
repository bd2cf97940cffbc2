"""Keeping the working calendar: reading its files again, and counting clocks again where they have changed."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from api.watch.loops import AFTER_SCREENS_SECONDS, Loop
from console.clocks.calendar import BadCalendar, WorkingCalendar, read_calendar
from console.clocks.deadlines import CaseSide
from console.clocks.recompute import count_again
from console.clocks.walking import WorkedTimes
from geo.store import Reach, Store

PASS_SECONDS = 600.0

log = structlog.get_logger()


def calendar_in(folder: Path | None) -> WorkingCalendar:
    """Read the calendar that ships, and the files of a folder if there is one. Raises BadCalendar."""
    return read_calendar(*([folder] if folder is not None else []))


def watch_calendar(
    store: Store,
    times: WorkedTimes,
    cases: CaseSide,
    *,
    folder: Path | None,
    root: Reach,
    now: Callable[[], datetime],
) -> Loop:
    """A loop that reads the files every ten minutes. One that cannot be read is logged, and changes nothing."""

    async def step() -> None:
        try:
            times.use(await asyncio.to_thread(calendar_in, folder))
        except BadCalendar as bad:
            log.error("calendar_unreadable", file=bad.params["file"], reason=bad.params["reason"])
        await count_all(store, times, cases, root=root, now=now)

    return Loop("calendar", step, rest_s=PASS_SECONDS, first_s=AFTER_SCREENS_SECONDS)


async def count_all(
    store: Store, times: WorkedTimes, cases: CaseSide, *, root: Reach, now: Callable[[], datetime]
) -> int:
    """Count the clocks again that cross changed days, some in each transaction; return how many have moved."""
    moved, after = 0, 0
    while True:
        async with store.transaction(root) as session:
            counted = await count_again(session, times, cases, after=after, now=now())
        moved += counted.moved
        if counted.last_id is None:
            return moved
        after = counted.last_id
