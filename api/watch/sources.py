"""When each source was last heard of: a source that fell silent looks like a quiet day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_SOURCES = 200
"""A program that names a new source with each report fills no memory and no page."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source of reports or positions, and whether it has been silent for too long."""

    source: str
    last_at: datetime
    stale: bool


class Sources:
    """The sources heard of since the start, or known from the store.

    Nobody is called silent for a time in which nobody listened: silence counts from `since`, when the server began.
    """

    def __init__(self, *, stale_after: timedelta, since: datetime) -> None:
        self.stale_after = stale_after
        self._since = since
        self._last: dict[str, datetime] = {}

    def heard(self, source: str, at: datetime) -> None:
        if source in self._last or len(self._last) < MOST_SOURCES:
            self._last[source] = max(at, self._last.get(source, at))

    def states(self, now: datetime) -> list[SourceState]:
        """All of them by name."""
        return [
            SourceState(source=source, last_at=at, stale=now - max(at, self._since) > self.stale_after)
            for source, at in sorted(self._last.items())
        ]
