"""Positions, events, and the audiences they are sent to. Pure.

`Audience.sees` repeats in Python the row-level security of the database, so that one read of the log serves every
socket; tests compare the two.
"""

from dataclasses import dataclass
from datetime import datetime

from console.feed.bodies import Body
from geo.errors import ErrorKind, MaplebridgeError
from geo.store import Reach, lies_within


class BadPosition(MaplebridgeError):
    """The position is not of the form `epoch:pos`."""

    code = "feed.position_invalid"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the feed; positions compare only within one epoch."""

    epoch: str
    pos: int

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Parse `epoch:pos`. Raises `BadPosition`."""
        epoch, _, pos = text.rpartition(":")
        if not epoch or not pos.isascii() or not pos.isdigit() or len(pos) > 18:
            raise BadPosition
        return cls(epoch=epoch, pos=int(pos))


@dataclass(frozen=True, slots=True)
class Visibility:
    """Visibility of an entity: to audiences whose division contains the path, and to these forces in any division."""

    division_path: str
    force_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """A change of one entity, at its position in the feed.

    Without a body the entity has left `visibility`: audiences of it that are not in `kept` must remove it.
    """

    pos: int
    at: datetime
    kind: str
    entity_id: int
    version: int
    visibility: Visibility
    body: Body | None
    kept: Visibility | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Recipients of the same frames: a division's subtree, masked or open, or one force in any division."""

    scope: str
    masked: bool = False
    force_id: int | None = None

    @property
    def reach(self) -> Reach:
        """Reach of this audience in the store. A force reaches only rows that concern it."""
        return Reach(scope=self.scope) if self.force_id is None else Reach(force_id=self.force_id)

    def sees(self, visibility: Visibility, *, below: bool = False) -> bool:
        """Whether the store shows it a row of this visibility; of a kind that is seen `below`, also from within."""
        if self.force_id is not None:
            return self.force_id in visibility.force_ids
        path = visibility.division_path
        return lies_within(path, self.scope) or (below and lies_within(self.scope, path))

    def receives(self, event: Event, *, below: bool = False) -> bool:
        """Whether it is sent an event: a state that it may see, or that an entity has left its sight."""
        left = event.kept is None or not self.sees(event.kept, below=below)
        return left and self.sees(event.visibility, below=below)
