"""What phones may command. A feature declares its kinds beside its own bridge; `receiving.KINDS` collects them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.place.pack import Pack
from console.access.rules import Actor
from console.cases.casework import Casework
from console.commands.rules import Given, Status
from console.tasks.reported import Reported
from console.tasks.rules import TaskTransition
from geo.errors import MaplebridgeError
from ingest.commands.lines import Line


@dataclass(frozen=True, slots=True)
class Ground:
    """What a command is done with: the author, when it was given, and the versions that its phone has `seen`."""

    session: AsyncSession
    actor: Actor
    pack: Pack
    work: Casework | None
    given: Given
    seen: frozenset[int]
    now: datetime

    def day(self) -> date:
        """Return the place's day on which the command was given."""
        return self.given.at.astimezone(self.pack.zone).date()

    def reported(self, line: Line) -> Reported:
        """Return when and where the phone says that this was done."""
        return Reported(
            done_at=self.given.at, device_at=line.device_at, place=line.place(), doubtful=self.given.doubtful
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """What a command did. `error` tells why it did not, where something is kept all the same."""

    status: Status = Status.APPLIED
    error: MaplebridgeError | None = None
    task: int | None = None
    version: int | None = None
    incident: int | None = None
    case_code: str | None = None
    path: str | None = None


Do = Callable[[Ground, Any], Awaitable[Effect]]


@dataclass(frozen=True, slots=True)
class CommandKind:
    """A kind of commands: its name, the shape of its lines, what does it, and whether it waits for earlier commands of
    its phone on the same task. An error of `may_pass` is waited out while numbers before it have not come.
    """

    name: str
    line: type[Line]
    do: Do
    in_order: bool = False
    may_pass: type[MaplebridgeError] = TaskTransition


def kinds_by_name(*kinds: CommandKind) -> Mapping[str, CommandKind]:
    """Collect the kinds that features declare. Names must be unique."""
    found = {kind.name: kind for kind in kinds}
    assert len(found) == len(kinds)
    return MappingProxyType(found)
