"""What the other operators do, so that one person's queue neither empties nor floods. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

KEEP = 9
"""Matters left unserved for the person at the screen; the newest stay longest."""
WAIT = timedelta(seconds=12)
AT_MOST = 6


@dataclass(frozen=True, slots=True)
class Waiting:
    """A matter that nobody was sent to yet."""

    incident: int
    registered_at: datetime


def taken(queue: Iterable[Waiting], *, now: datetime, seats: int) -> list[int]:
    """The matters that the other seats serve now, oldest first: all but the last few, once they have waited a while.

    The more there are, the more they take at once, up to six a seat.
    """
    waiting = sorted(queue, key=lambda w: (w.registered_at, w.incident))
    spare = waiting[: max(len(waiting) - KEEP, 0)]
    ripe = [w.incident for w in spare if now - w.registered_at >= WAIT]
    return ripe[: min(max(seats, len(spare) // 4), seats * AT_MOST)] if seats > 0 else []
