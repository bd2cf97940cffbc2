"""JSON of cases and their moves."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.wire.clocks import ClockOut
from api.http.wire.flow import FieldOut
from api.http.wire.shapes import In, Out
from ingest.reports.fields import PlainText

Reason = Literal[
    "unknown",
    "stage",
    "lane",
    "level",
    "merged",
    "person",
    "offer",
    "calls",
    "own_handling",
    "joint",
    "conditions",
    "occupied",
]


class MoveIn(In):
    """A move, and beside it the fields of its form, by their codes."""

    model_config = ConfigDict(extra="allow")

    move: PlainText = Field(min_length=1, max_length=100, description="The move's code, as in `GET /api/flow`.")

    @property
    def form(self) -> dict[str, Any]:
        """The fields besides `move`."""
        return dict(self.model_extra or {})


class HolderOut(Out):
    """A unit, and the post in it; without a post, the unit's queue."""

    unit: str
    post: int | None


class CallOut(Out):
    """A unit called to help, and what has come of the call."""

    unit: str
    status: Literal["called", "answered", "refused", "stood_down", "ended"]


class ProcedureOut(Out):
    """The current legal procedure, since when, and the units that coordinate and handle it."""

    code: str
    since: datetime
    coordinator: str | None
    handler: str | None


class ChargeOut(Out):
    """The leader who has taken charge, and since when."""

    name: str
    unit: str | None
    since: datetime


class PossibleMoveOut(Out):
    """A move that this person can make now: the stage it leads to, null for the same, and its form."""

    move: str
    kind: str
    to: str | None
    form: list[FieldOut]


class BarredMoveOut(Out):
    """A move of this person's at this stage that something bars, and what: see `case.move`."""

    move: str
    reason: Reason
    conditions: list[str] = Field(description="Codes of the conditions that are not met.")
    units: list[str] = Field(description="Units that were called and have not answered.")


class PastLimitOut(Out):
    """A limit of a merged case, as it stood at the merge or when it was met before."""

    limit: str
    unit: str | None = Field(description="The called unit that it bound.")
    due_at: datetime
    stopped_at: datetime
    kept: bool


class DoorOut(Out):
    """Another door by which a case came in: an incident merged into it, or into one that was."""

    id: int = Field(description="The incident's id.")
    into: int
    case_code: str
    registered_at: datetime
    first_unit: str
    merged_at: datetime
    limits: list[PastLimitOut]


class CaseOut(Out):
    """The case of an incident: where it stands, who has it, its clocks, and what this person can do now.

    `level` handles it, `unit` is responsible; a hand-over waits in `offered_to` until it is accepted. Units are codes;
    `unit_names` has their names.
    """

    id: int = Field(description="The incident's id.")
    case_code: str
    flow: str
    pack_version: str
    stage: str
    stage_kind: Literal["open", "paused", "end", "archived"]
    step: str | None
    category: str
    lane: str
    level: str
    unit: str
    post: int | None
    accepted: bool
    handler: str | None = Field(description="Name of the user who accepted it.")
    offered_to: HolderOut | None
    first_receiver: HolderOut
    calls: list[CallOut]
    procedure: ProcedureOut | None
    charge: ChargeOut | None
    outcome: str | None
    satisfied: Literal["yes", "partly", "no"] | None
    paused: bool
    paused_until: date | None = Field(description="The day on which a paused case is expected to go on.")
    opened_at: datetime
    ended_at: datetime | None
    reopened: int
    field_finished: bool
    part_of: int | None
    parts: list[int]
    joined_to: int | None
    clocks: list[ClockOut]
    doors: list[DoorOut] = Field(description="Merged into it, the earliest first. Limits run from the first of all.")
    moves: list[PossibleMoveOut]
    barred: list[BarredMoveOut]
    unit_names: dict[str, str]
    version: int


class CaseItemOut(Out):
    """A case in lists, with what its incident is about."""

    id: int = Field(description="The incident's id.")
    case_code: str
    category: str
    risk: str
    title: str
    flow: str
    stage: str
    lane: str
    level: str
    unit: str
    post: int | None
    accepted: bool
    offered_to: str | None
    first_receiver: str
    procedure: str | None
    outcome: str | None
    paused: bool
    paused_until: date | None = Field(description="The day on which a paused case is expected to go on.")
    due_limit: str | None
    due_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None
    registered_at: datetime
    division: str | None
    division_path: str
    version: int
