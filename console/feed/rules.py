"""Who is sent which event. Pure.

`Audience.sees` says in Python what row-level security says in the database, so that one reading of the log serves
every socket; the tests hold the two against each other.
"""

from dataclasses import dataclass
from datetime import datetime

from console.feed.bodies import Body
from geo.errors import ErrorKind, MaplebridgeError
from geo.store import Reach, lies_within


class BadPosition(MaplebridgeError):
    """A position in the feed that is not written `epoch:pos`."""

    code = "feed.position_invalid"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in the feed; positions compare only within one epoch."""

    epoch: str
    pos: int

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """From `epoch:pos`. Raises `BadPosition`."""
        epoch, _, pos = text.rpartition(":")
        if not epoch or not pos.isascii() or not pos.isdigit() or len(pos) > 18:
            raise BadPosition
        return cls(epoch=epoch, pos=int(pos))


@dataclass(frozen=True, slots=True)
class Visibility:
    """Who sees an entity: those whose division holds its path, and these forces wherever it lies."""

    division_path: str
    force_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to one entity, at its position in the feed.

    Without a body it has left `visibility`: of those who saw it there, all who are not in `kept` see it no more.
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
    """Those who get the same frames: a division's subtree, masked or not; or one force, wherever it is."""

    scope: str
    masked: bool = False
    force_id: int | None = None

    @property
    def reach(self) -> Reach:
        """What the store shows this audience. A force sees what concerns it and nothing else."""
        return Reach(scope=self.scope) if self.force_id is None else Reach(force_id=self.force_id)

    def sees(self, visibility: Visibility) -> bool:
        """Whether the store would show it a row of this visibility."""
        if self.force_id is not None:
            return self.force_id in visibility.force_ids
        return lies_within(visibility.division_path, self.scope)

    def receives(self, event: Event) -> bool:
        """Whether it is sent an event: a state that it sees, or that it sees an entity no more."""
        return self.sees(event.visibility) and (event.kept is None or not self.sees(event.kept))
