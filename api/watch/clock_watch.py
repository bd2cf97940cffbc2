"""Detects steps of the system's clock, and its drift against the database's.

The server's own clock never goes backwards, but a system's clock that was set tells that one of the two was wrong:
people should know, and nothing is deleted for its age on such a clock's word.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from api.watch.clock import SteadyClock

log = structlog.get_logger()

LOOK_SECONDS = 1.0
STEP = timedelta(seconds=5)
"""Clocks that are disciplined by NTP never jump so far, and nothing here minds a smaller jump."""

REMEMBERED_SECONDS = 3600.0


class ClockWatch:
    """Watches the system's clock that a server's clock follows."""

    def __init__(self, clock: SteadyClock) -> None:
        self.apart: timedelta | None = None
        self._clock = clock
        self._seen = (clock.system(), clock.elapsed())
        self._steps: list[tuple[float, timedelta]] = []

    @property
    def stepped(self) -> timedelta:
        """By how much the system's clock was set in the last hour, or longer ago while the server's is still ahead.

        Below zero is back; nothing where it was set and set right again.
        """
        return self._stepped_lately or _if_a_step(-self._clock.lead)

    @property
    def is_apart(self) -> bool:
        return self.apart is not None and abs(self.apart) > STEP

    @property
    def is_in_doubt(self) -> bool:
        """Whether the clock was set in the last hour, or differs from the database's."""
        return bool(self._stepped_lately) or self.is_apart

    def look(self) -> None:
        """Compare what went by on the clock with what really went by."""
        now, elapsed = self._clock.system(), self._clock.elapsed()
        by = now - self._seen[0] - timedelta(seconds=elapsed - self._seen[1])
        self._seen = (now, elapsed)
        if _if_a_step(by):
            self._steps.append((elapsed, by))
            log.error("clock_stepped", seconds=round(by.total_seconds(), 1))

    def compare(self, *, ours: datetime, theirs: datetime) -> None:
        """Note what this machine's clock said when the database's said `theirs`."""
        self.apart = ours - theirs

    async def step(self) -> None:
        """Look, and rest."""
        self.look()
        await asyncio.sleep(LOOK_SECONDS)

    @property
    def _stepped_lately(self) -> timedelta:
        since = self._clock.elapsed() - REMEMBERED_SECONDS
        self._steps = [(at, by) for at, by in self._steps if at > since]
        return _if_a_step(sum((by for _, by in self._steps), timedelta()))


def _if_a_step(by: timedelta) -> timedelta:
    """The same where it is a step, nothing where it is less."""
    return by if abs(by) > STEP else timedelta()
