"""Whether the clock goes as clocks do: evenly, and as the database's goes.

A clock that is set back makes the newest things lie ahead of it, and one that is set forward makes everything old. What
happens is kept in its order all the same; but people should know, and nothing is thrown away on such a clock's word.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

log = structlog.get_logger()

LOOK_SECONDS = 1.0
STEP = timedelta(seconds=5)
"""Clocks that are disciplined by NTP never jump so far, and nothing here minds a smaller jump."""

REMEMBERED_SECONDS = 3600.0


def uptime() -> float:
    """Seconds that nobody can set, and that a sleeping machine counts as well."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class ClockWatch:
    """The server's clock, watched. `on_step` is told when it was set."""

    def __init__(
        self, now: Callable[[], datetime], *, on_step: Callable[[], None], elapsed: Callable[[], float] = uptime
    ) -> None:
        self.apart: timedelta | None = None
        self._now = now
        self._on_step = on_step
        self._elapsed = elapsed
        self._seen = (now(), elapsed())
        self._steps: list[tuple[float, timedelta]] = []

    @property
    def stepped(self) -> timedelta:
        """By how much it was set in the last hour, all in all; nothing where it was set and set right again."""
        since = self._elapsed() - REMEMBERED_SECONDS
        self._steps = [(at, by) for at, by in self._steps if at > since]
        total = sum((by for _, by in self._steps), timedelta())
        return total if abs(total) > STEP else timedelta()

    @property
    def is_apart(self) -> bool:
        return self.apart is not None and abs(self.apart) > STEP

    @property
    def is_in_doubt(self) -> bool:
        return bool(self.stepped) or self.is_apart

    def look(self) -> None:
        """Compare what went by on the clock with what really went by."""
        now, elapsed = self._now(), self._elapsed()
        by = now - self._seen[0] - timedelta(seconds=elapsed - self._seen[1])
        self._seen = (now, elapsed)
        if abs(by) > STEP:
            self._steps.append((elapsed, by))
            log.error("clock_stepped", seconds=round(by.total_seconds(), 1))
            self._on_step()

    def compare(self, *, ours: datetime, theirs: datetime) -> None:
        """What this machine's clock said when the database's said `theirs`."""
        self.apart = ours - theirs

    async def step(self) -> None:
        """Look, and rest."""
        self.look()
        await asyncio.sleep(LOOK_SECONDS)
