"""Latest position of every force, in memory, and the fixes frames made of them."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from api.live import frames
from console.feed.rules import Audience
from console.positions.rules import Position, masked
from geo.clocks import CLOCKS_DIFFER
from geo.fixes import is_coarse
from geo.store import lies_within


class ForcePositions:
    """The latest position of each force, and the forces that have moved since the last frame.

    `masked` are the positions as masked audiences see them, renewed once a minute: sent as they come, they would tell
    when a force enters its cell, and so how far from the edge it is.
    `division_changes` counts the forces moved to another division, by the feed. From then on the old division gets no
    position of the force, however late a fix arrives that was recorded in the old division.
    """

    def __init__(self) -> None:
        self.latest: dict[int, Position] = {}
        self.masked: dict[int, Position] = {}
        self.division_changes = 0
        self._changed: set[int] = set()
        self._divisions: dict[int, str] = {}

    def update(self, positions: Iterable[Position], *, now: datetime) -> None:
        """Take over committed positions. An older one does not replace a newer, unless the newer is far coarser, or
        from a clock set back since.
        """
        for position in positions:
            known = self.latest.get(position.force_id)
            if known is None or _is_replaced(known, position, now=now):
                self._keep(position)

    def set_division(self, force_id: int, division_path: str) -> None:
        """Show a force from now on to audiences of this division."""
        if self._divisions.get(force_id) == division_path:
            return
        self._divisions[force_id] = division_path
        known = self.latest.get(force_id)
        if known and known.division_path != division_path:
            self.division_changes += 1
            self._keep(known)

    def _keep(self, position: Position) -> None:
        force = position.force_id
        self.latest[force] = replace(position, division_path=self._divisions.get(force, position.division_path))
        self._changed.add(force)

    def drain(self) -> set[int]:
        """Return the forces that have moved since the last call."""
        changed, self._changed = self._changed, set()
        return changed

    def renew_masked(self) -> set[int]:
        """Mask the positions as they are now, and return the forces whose masked position has changed."""
        renewed = {force: masked(position) for force, position in self.latest.items()}
        changed = {force for force, position in renewed.items() if self.masked.get(force) != position}
        self.masked = renewed
        return changed

    def seen_by(self, audience: Audience, forces: Collection[int]) -> list[int]:
        """Return those of `forces` that the audience may see."""
        if audience.force_id is not None:
            return [audience.force_id] if audience.force_id in forces else []
        return [force for force in forces if lies_within(self.latest[force].division_path, audience.scope)]

    def shown(self, forces: Iterable[int], audience: Audience) -> list[Position]:
        """Return the positions of these forces, masked for a masked audience."""
        held = self.masked if audience.masked else self.latest
        return [held[force] for force in forces if force in held]

    def columns(self, forces: Iterable[int], audience: Audience) -> dict[str, list[Any]]:
        """Build the fields of `FixesOut` for these forces."""
        return fixes_columns(self.shown(forces, audience))


def _is_replaced(known: Position, by: Position, *, now: datetime) -> bool:
    return known.at < by.at or known.at > now + CLOCKS_DIFFER or is_coarse(known.point, by.point)


def fixes_columns(positions: Iterable[Position]) -> dict[str, list[Any]]:
    """Build the fields of `FixesOut`: one list each, times in epoch milliseconds."""
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


class FixesMessage:
    """A pending fixes frame of moved forces. Encoded once for its audience, when first sent.

    Forces that the audience may no longer see by then are left out.
    """

    def __init__(self, force_positions: ForcePositions, audience: Audience, forces: Iterable[int]) -> None:
        self._force_positions = force_positions
        self._audience = audience
        self._forces = frozenset(forces)
        self._text = b""
        self._rendered_at_change = -1

    def text(self) -> bytes:
        if self._rendered_at_change != self._force_positions.division_changes:
            self._rendered_at_change = self._force_positions.division_changes
            seen = self._force_positions.seen_by(self._audience, self._forces)
            self._text = frames.encode({"t": "fixes", **self._force_positions.columns(sorted(seen), self._audience)})
        return self._text

    def merged(self, newer: "FixesMessage") -> "FixesMessage":
        return FixesMessage(self._force_positions, self._audience, self._forces | newer._forces)
