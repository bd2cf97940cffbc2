"""Which incidents operators have open, from what their screens ask for."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LASTS = timedelta(minutes=5)
"""Time after which an incident whose candidates were asked for is no longer taken as open."""


@dataclass(slots=True)
class Attention:
    """Accounts that last requested the candidates of each incident, in memory."""

    _asked: dict[tuple[int, int], tuple[str, datetime]] = field(default_factory=dict)

    def note(self, incident: int, *, user: int, name: str, now: datetime) -> None:
        """Note that a user has an incident open."""
        self._asked[incident, user] = name, now

    def others(self, incident: int, *, user: int, now: datetime) -> list[str]:
        """Return the names of the others who have an incident open, in alphabetical order."""
        self._asked = {key: (name, at) for key, (name, at) in self._asked.items() if now - at < LASTS}
        return sorted(name for (one, who), (name, _) in self._asked.items() if one == incident and who != user)
