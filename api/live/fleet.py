"""Where every force is now, in memory: what fixes frames are made of."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from api.live import frames
from console.feed.rules import Audience
from console.positions.rules import Position
from geo.fixes import FUTURE
from geo.store import lies_within


class Fleet:
    """The latest position of each force, and which have changed since the last frame."""

    def __init__(self) -> None:
        self.latest: dict[int, Position] = {}
        self._changed: set[int] = set()

    def take(self, positions: Iterable[Position], *, now: datetime) -> None:
        """Positions as the store has committed them; an older one never replaces a newer, unless that is of a clock
        which has been set back since.
        """
        for position in positions:
            known = self.latest.get(position.force_id)
            if known is None or known.at < position.at or known.at > now + FUTURE:
                self.latest[position.force_id] = position
                self._changed.add(position.force_id)

    def drain(self) -> set[int]:
        """The forces that have moved since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def seen_by(self, audience: Audience, forces: Collection[int]) -> list[int]:
        """Those of `forces` that the audience may see."""
        if audience.force_id is not None:
            return [audience.force_id] if audience.force_id in forces else []
        return [force for force in forces if lies_within(self.latest[force].division_path, audience.scope)]

    def columns(self, forces: Iterable[int]) -> dict[str, list[Any]]:
        """The fields of `FixesOut`."""
        return columns_of(self.latest[force] for force in forces)


def columns_of(positions: Iterable[Position]) -> dict[str, list[Any]]:
    """The fields of `FixesOut`: one list each, times in epoch milliseconds."""
    rows = [*positions]
    return {
        "force": [p.force_id for p in rows],
        "lon": [round(p.lon, 6) for p in rows],
        "lat": [round(p.lat, 6) for p in rows],
        "at": [int(p.at.timestamp() * 1000) for p in rows],
        "speed": [p.speed_mps for p in rows],
        "heading": [p.heading for p in rows],
        "accuracy": [p.accuracy_m for p in rows],
    }


class Moves:
    """A fixes frame to be: which forces have moved. Encoded once for all who get it, and late."""

    def __init__(self, fleet: Fleet, forces: Iterable[int]) -> None:
        self._fleet = fleet
        self._forces = frozenset(forces)
        self._text: bytes | None = None

    def text(self) -> bytes:
        if self._text is None:
            self._text = frames.encode({"t": "fixes", **self._fleet.columns(sorted(self._forces))})
        return self._text

    def merged(self, newer: "Moves") -> "Moves":
        return Moves(self._fleet, self._forces | newer._forces)
