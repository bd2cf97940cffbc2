"""Track when each source last reported, to detect silent ones."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_SOURCES = 200
"""Bounds memory and pages when a program names a new source with each report."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source of reports or positions, and whether it has been silent for too long."""

    source: str
    last_at: datetime
    stale: bool


class Sources:
    """Sources that reported since the start, or are known from the database.

    Silence counts from `since`, the start of the server, at the earliest.
    """

    def __init__(self, *, stale_after: timedelta, since: datetime) -> None:
        self.stale_after = stale_after
        self._since = since
        self._last: dict[str, datetime] = {}

    def record(self, source: str, at: datetime) -> None:
        if source in self._last or len(self._last) < MOST_SOURCES:
            self._last[source] = max(at, self._last.get(source, at))

    def states(self, now: datetime) -> list[SourceState]:
        """List all sources by name."""
        return [
            SourceState(source=source, last_at=at, stale=now - max(at, self._since) > self.stale_after)
            for source, at in sorted(self._last.items())
        ]
