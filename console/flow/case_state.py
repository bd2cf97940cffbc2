"""The state of a case, and its JSON. Pure.

The state is what the entries of the timeline give (`replay.py`); the row of the case keeps a copy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import blake2b
from typing import Any, Literal

from pydantic import TypeAdapter

CallStatus = Literal["called", "answered", "refused", "stood_down", "ended"]
Satisfied = Literal["yes", "partly", "no"]


@dataclass(frozen=True, slots=True)
class Holder:
    """A unit, and the post in it that has the case; without a post, the unit's queue."""

    unit: str
    post: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A hand-over that waits to be accepted, and the level and owner's post before it."""

    unit: str
    post: int | None = None
    level_before: str | None = None
    reporter: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A unit called to help 协办, and what has come of the call. `ended`: the case went on without its answer."""

    unit: str
    status: CallStatus = "called"


@dataclass(frozen=True, slots=True)
class Procedure:
    """The current legal procedure, since when, and the units that coordinate and handle it."""

    code: str
    since: datetime
    coordinator: str | None = None
    handler: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """A leader who has taken charge of the case 包案."""

    user: int
    since: datetime
    unit: str | None = None
    post: int | None = None


@dataclass(frozen=True, slots=True)
class CaseState:
    """The state of a case.

    `owner` is responsible, until an offer is accepted; `accepted` says that it took the case on. `handler` is the
    user who did. `calls_made`, `hand_overs` and `reopened` count. `resume_to` is the stage before a pause,
    `paused_until` the day on which the case is expected to go on, `field_finished` the last task by which a leading
    force has finished, `part_of` and `parts` are incidents split off, `joined_to` is the main incident of one merged
    into it. `level_before` is the level that the case goes back to if its owner returns it; None for the one it has.
    `reporter` is the user who brought it to its check, `handled_by` are all who did or handled it before.
    `lane_changed`: after somebody had accepted it.
    """

    flow: str
    category: str
    risk: str
    stage: str
    lane: str
    level: str
    owner: Holder
    first_receiver: Holder
    offer: Offer | None = None
    accepted: bool = False
    handler: int | None = None
    calls: tuple[Call, ...] = ()
    calls_made: int = 0
    hand_overs: int = 0
    resume_to: str | None = None
    procedure: Procedure | None = None
    charge: Charge | None = None
    outcome: str | None = None
    satisfied: Satisfied | None = None
    ended: bool = False
    reopened: int = 0
    field_finished: int | None = None
    part_of: int | None = None
    parts: tuple[int, ...] = ()
    joined_to: int | None = None
    level_before: str | None = None
    reporter: int | None = None
    paused_until: str | None = None
    handled_by: tuple[int, ...] = ()
    lane_changed: bool = False

    @property
    def hands(self) -> frozenset[int]:
        """Users who have handled the case: they do not check it."""
        return frozenset(user for user in (self.handler, self.reporter, *self.handled_by) if user is not None)

    @property
    def open_calls(self) -> tuple[str, ...]:
        """Units that were called and have not answered."""
        return tuple(call.unit for call in self.calls if call.status == "called")

    @property
    def running(self) -> bool:
        """Whether the case goes on: it has neither ended nor been merged into another one."""
        return not self.ended and self.joined_to is None


_STATES: TypeAdapter[CaseState] = TypeAdapter(CaseState)
_NAMES = tuple(field.name for field in fields(CaseState))

FOLD_RULES = 1
FOLD = blake2b(f"{FOLD_RULES} {_STATES.json_schema()}".encode(), digest_size=8).hexdigest()
"""Identifies the fold: a stored state of another one is thrown away, and made anew from the timeline.

It follows from the shape of the state. Raise `FOLD_RULES` when `replay.py` reads entries in another way.
"""


def to_json(state: CaseState) -> dict[str, Any]:
    """Return a state as JSON."""
    found: dict[str, Any] = _STATES.dump_python(state, mode="json")
    return found


def from_json(stored: Mapping[str, Any]) -> CaseState:
    """Return the state that `to_json` made."""
    return _STATES.validate_python(stored)


def changes_between(before: CaseState, after: CaseState) -> dict[str, Any]:
    """Return the fields that differ, with their new values, as JSON."""
    old, new = to_json(before), to_json(after)
    return {name: new[name] for name in _NAMES if old[name] != new[name]}
