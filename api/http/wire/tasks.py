"""JSON of tasks and candidates."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from api.http.wire.incidents import IncidentOut
from api.http.wire.shapes import Id, In, Out
from console.dispatching.queries import Choice
from console.dispatching.rules import Ranked
from console.flow.terms import Role
from console.tasks.rules import TaskStatus
from ingest.reports.fields import PlainText, null_means
from layers.roads.rules import Route

RoleCode = Literal["lead", "support", "observer"]


class TaskIn(In):
    """A new task: the force to send, and its role."""

    force: Id
    role: RoleCode | None = Field(None, description="If left out: lead, or support where another force leads.")


class AnswerIn(In):
    """Details of a task's step: a reason to decline, give back or recall, an outcome to finish, and a note.

    The phone demands an outcome. A program may leave it out, as it always could; the record says that none was given.
    """

    reason: PlainText | None = Field(None, max_length=64, description="A code of the pack's list for that step.")
    note: Annotated[PlainText, null_means("", given=str)] = Field("", max_length=2000)
    relayed: bool = Field(
        False, description="Told by radio or telephone, and entered by a dispatcher: needs `tasks.dispatch`."
    )
    attachments: list[UUID] = Field(
        default_factory=list,
        max_length=50,
        description="Ids of the attachments that the force has taken, which it sends by themselves.",
    )


class CallIn(In):
    """A request for support by the force on a task."""

    note: Annotated[PlainText, null_means("", given=str)] = Field("", max_length=2000)


class TaskOut(Out):
    """A task in snapshots, events and single responses."""

    id: int
    incident: int
    force: int
    role: RoleCode
    status: TaskStatus
    active: bool
    assigned_by: int | None
    sent_by: str = Field("", description="Display name of the user who sent the force, as it was then.")
    assigned_at: datetime
    answer_due_at: datetime
    warned_at: datetime | None
    accepted_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    ended_at: datetime | None
    support_asked_at: datetime | None = Field(None, description="When the force last asked for support.")
    reason: str | None = Field(description="Of a decline or recall, or the outcome of a finished task.")
    note: str
    away_m: float | None = Field(
        None, description="Metres from the incident when the force arrived or finished. Null: not known."
    )
    cost_minutes: float
    eta_minutes: float
    version: int


class CompanionOut(Out):
    """Another force on the same incident. `name` is null if the force is beyond the caller's reach."""

    force: int
    name: str | None
    role: RoleCode
    status: TaskStatus


class OwnTaskOut(TaskOut):
    """A task for its own force, with the incident."""

    details: IncidentOut = Field(description="The incident itself.")
    companions: list[CompanionOut] = Field(description="Other forces on the incident, while this task is active.")


class Reason(Out):
    """One summand of a candidate's cost. `minutes` is negative where it saves."""

    code: str
    minutes: float
    params: dict[str, Any] = Field(default_factory=dict)


class CandidateOut(Out):
    """A force that can be sent. The reasons' minutes sum to `cost_minutes`."""

    force: int
    name: str
    kind: str
    cost_minutes: float
    reasons: list[Reason]
    eta_minutes: float
    distance_m: float
    fix_age_s: float | None
    accuracy_m: float | None = Field(description="Of its last position: the radius in metres. Null: unknown.")
    stale: bool
    roles: list[RoleCode] = Field(description="In which it may be sent to this incident.")

    @classmethod
    def of(cls, ranked: Ranked) -> Self:
        candidate = ranked.candidate
        return cls(
            force=candidate.force,
            name=candidate.name,
            kind=candidate.kind,
            cost_minutes=ranked.cost_minutes,
            reasons=[Reason.model_validate(reason) for reason in ranked.reasons],
            eta_minutes=ranked.eta_minutes,
            distance_m=round(candidate.distance_m, 1),
            fix_age_s=ranked.fix_age_s,
            accuracy_m=candidate.accuracy_m,
            stale=ranked.stale,
            roles=[role.value for role in ranked.roles],
        )


class ExcludedOut(Out):
    """A force that cannot be sent, and the reason."""

    force: int
    name: str
    kind: str
    code: str


class CandidatesOut(Out):
    """Forces that can be sent, best first, and those that cannot.

    Of these, first those on the incident or that declined it, then those busy or off duty, then those that may not
    answer it in the role; each the nearest first.
    """

    role: RoleCode = Field(description="The role that the candidates may take.")
    candidates: list[CandidateOut]
    excluded: list[ExcludedOut]
    opened_by: list[str] = Field(
        default_factory=list, description="Usernames of others who have asked for them in the last five minutes."
    )

    @classmethod
    def of(cls, choice: Choice, *, role: Role, opened_by: Sequence[str] = ()) -> Self:
        return cls(
            role=role.value,
            opened_by=[*opened_by],
            candidates=[CandidateOut.of(ranked) for ranked in choice.candidates],
            excluded=[ExcludedOut.model_validate(excluded) for excluded in choice.excluded],
        )


class WayOut(Out):
    """A way by road: metres, minutes of moving, and its line, from the force to the incident."""

    route_m: int
    minutes: float = Field(description="Without the minutes before one sets out, and what is walked beside roads.")
    line: list[tuple[float, float]] = Field(description="Longitude and latitude, WGS-84, in order.")
    foot_before_m: int = Field(description="Walked before it, where the road that one sets out from is closed.")
    foot_after_m: int = Field(description="Walked after it, where the incident's road is closed.")

    @classmethod
    def of(cls, route: Route) -> Self:
        return cls(
            route_m=round(route.way.metres),
            minutes=round(route.way.minutes, 1),
            line=[(round(lon, 6), round(lat, 6)) for lon, lat in route.line],
            foot_before_m=round(route.foot_before_m),
            foot_after_m=round(route.foot_after_m),
        )
