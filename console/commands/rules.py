"""When a command was given, what became of it, and what a phone's store lacks. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from geo.clocks import CLOCKS_DIFFER
from geo.errors import ErrorKind, MaplebridgeError

LONGEST_OFFLINE = timedelta(days=60)
"""A command older than this comes from a clock that stood at another year."""


class Status(StrEnum):
    """What became of a command. `WAITING` ones are tried again when they come again."""

    APPLIED = "applied"
    REFUSED = "refused"
    REVIEW = "review"
    WAITING = "waiting"


UNSETTLED = frozenset({Status.REFUSED, Status.REVIEW, Status.WAITING})


class CommandReused(MaplebridgeError):
    """A command of this id has come before with other content, or another of this number from the same store."""

    code = "command.mismatch"
    kind = ErrorKind.CONFLICT


class CommandInvalid(MaplebridgeError):
    """What the command says is wrong. `params`: `errors`, a list of {field, code}."""

    code = "command.invalid"
    kind = ErrorKind.INVALID


class CommandFailed(MaplebridgeError):
    """The server could not do it now. It is to be sent again."""

    code = "command.failed"
    kind = ErrorKind.UNAVAILABLE


class CommandForeign(MaplebridgeError):
    """Another account gave the command: it is sent when that one is signed in."""

    code = "command.author"
    kind = ErrorKind.FORBIDDEN


class CommandWaits(MaplebridgeError):
    """An earlier command about the same thing was refused, or has not come. `params`: `behind`, its id, or `missing`,
    the number of entries that have not come.
    """

    code = "command.waits"
    kind = ErrorKind.CONFLICT


class CommandConflict(MaplebridgeError):
    """Others changed the task meanwhile: what was said is kept beside it until somebody decides. `params`: `status` and
    `version` of the task.
    """

    code = "command.conflict"
    kind = ErrorKind.CONFLICT


class TaskRecalled(MaplebridgeError):
    """The task was recalled before this came. What was said stands in the incident's timeline. `params`: `at`."""

    code = "task.recalled"
    kind = ErrorKind.CONFLICT


class CommandSettled(MaplebridgeError):
    """The command needs no decision, or cannot be restored. `params`: `status`, and `settled` where one was made."""

    code = "command.settled"
    kind = ErrorKind.CONFLICT


@dataclass(frozen=True, slots=True)
class Given:
    """When a command was given, by the server's clock. `doubtful`: the phone's clock cannot have been right."""

    at: datetime
    doubtful: bool = False


def given_at(
    device_at: datetime,
    *,
    ahead: timedelta,
    now: datetime,
    after: datetime | None = None,
    before: datetime | None = None,
) -> Given:
    """Return when a command was given, of what a phone says whose clock is `ahead` now.

    `after` and `before` are the times of the commands around it in its store, whose order is certain: a clock that was
    set in between cannot change it. Nothing lies in the future, and nothing far beyond any time without a network.
    """
    said = device_at - ahead
    latest = now if before is None else min(now, before)
    earliest = now - LONGEST_OFFLINE if after is None else after
    if said < now - LONGEST_OFFLINE:
        return Given(min(latest, after or latest), doubtful=True)
    at = min(max(said, min(earliest, latest)), latest)
    return Given(at, doubtful=abs(at - said) > CLOCKS_DIFFER)


@dataclass(frozen=True, slots=True)
class Missing:
    """Entries of a phone that were numbered and have not come, and when the last one before them was given."""

    n: int
    after: datetime | None
