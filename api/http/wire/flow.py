"""JSON of a place's case flow: its stages, moves, forms, lanes, limits and words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from api.http.wire.shapes import Out
from console.cases.casework import Casework
from console.flow.case_terms import CaseMove, CaseTerms, FieldType, FormField, MoveKind, StageKind
from console.flow.forms import choices_of, form_of
from geo.terms import Coded


class NamesOut(Out):
    """A name in both languages of the screens."""

    zh: str
    en: str


class NamedCodeOut(Out):
    """A code with its names."""

    code: str
    names: NamesOut


class StageOut(NamedCodeOut):
    """A stage, and the step of the place's own flow that it belongs to."""

    kind: StageKind
    step: str | None


class CaseFlowOut(NamedCodeOut):
    """The flow of some classes or categories of incidents: its stages, beginning with the first."""

    classes: list[str]
    categories: list[str]
    stages: list[str]


class LaneOut(NamedCodeOut):
    """A lane; the first that fits an incident's category and risk is its lane."""

    risks: list[str]
    classes: list[str]
    categories: list[str]


class FieldOut(NamedCodeOut):
    """A field of a form. A condition to confirm is a `yes_no` that must be true (`confirm`)."""

    type: FieldType
    required: bool
    choices: list[NamedCodeOut]
    unit_kinds: list[str] = Field(description="Kinds of units that a unit field offers; all if empty.")
    longest: int | None = Field(description="Most characters of a text.")
    least: float | None
    most: float | None
    confirm: bool = False


class MoveOut(NamedCodeOut):
    """A move: the stages it leaves (in any flow), the stage it leads to, the roles that may make it, and its form."""

    kind: MoveKind
    leaves: list[str]
    to: str | None
    by: list[str]
    form: list[FieldOut]
    conditions: list[str]
    flows: list[str]
    lanes: list[str]
    levels: list[str]
    checked: bool
    waits: bool
    dissatisfied_to: str | None


class CaseRoleOut(NamedCodeOut):
    """Who has a role: by the account's role or a post, and where the unit stands to the case."""

    access: list[str]
    posts: list[str]
    duties: list[str]
    unit_kinds: list[str]
    levels: list[str]
    where: list[str]


class LimitClockOut(Out):
    clock: str
    flows: list[str]
    lanes: list[str]
    levels: list[str]
    risks: list[str]


class LimitOut(NamedCodeOut):
    """A limit of cases, and the clocks by which it runs: the first that fits."""

    during: Literal["case", "stages", "hand_over", "joint"]
    stages: list[str]
    clocks: list[LimitClockOut]


class ConditionOut(NamedCodeOut):
    kind: str


class FollowUpAnswerOut(NamedCodeOut):
    satisfied: Literal["yes", "partly", "no"]


class FollowUpDrawOut(NamedCodeOut):
    """A share of some ended cases to ask; empty lists are all."""

    share: float
    lanes: list[str]
    classes: list[str]
    levels: list[str]
    after_days: int | None


class FollowUpOut(Out):
    """What is asked of reporters afterwards, by whom and of which share: that of the first draw that fits, or `share`.

    They are asked `after_days` after the closing, within `within_days`, and given up after `tries`.
    """

    share: float
    by: Literal["own", "third_party"]
    after_days: int
    within_days: int
    tries: int
    retry_hours: int
    draws: list[FollowUpDrawOut]
    ways: list[NamedCodeOut]
    aspects: list[NamedCodeOut]
    answers: list[FollowUpAnswerOut]


class FlowOut(Out):
    """A version of a place's case flow. `levels` go up from the lowest."""

    key: str
    version: str
    steps: list[NamedCodeOut]
    stages: list[StageOut]
    flows: list[CaseFlowOut]
    lanes: list[LaneOut]
    levels: list[NamedCodeOut]
    roles: list[CaseRoleOut]
    moves: list[MoveOut]
    limits: list[LimitOut]
    conditions: list[ConditionOut]
    outcomes: list[NamedCodeOut]
    procedures: list[NamedCodeOut]
    joint: Literal["all", "any", "count", "lead"]
    follow_up: FollowUpOut | None

    @classmethod
    def of(cls, work: Casework, terms: CaseTerms, version: str) -> "FlowOut":
        shared = {name: getattr(terms, name) for name in SHARED}
        levels = [NamedCodeOut.model_validate({"code": one.level, "names": one.names}) for one in terms.levels]
        return cls(
            key=work.key,
            version=version,
            levels=levels,
            moves=[move_out(terms, move) for move in terms.moves],
            joint=terms.joint.rule,
            **shared,
        )


SHARED = ("steps", "stages", "flows", "lanes", "roles", "limits", "conditions", "outcomes", "procedures", "follow_up")


class PackOut(Out):
    """A version of the pack's case flow, since when cases have begun under it, and how many go on under it."""

    key: str
    version: str
    current: bool
    first_used_at: datetime | None
    running: int


def move_out(terms: CaseTerms, move: CaseMove) -> MoveOut:
    """Return a move with the stages that it leaves and its whole form."""
    leaves = {stage: None for flow in terms.flows for stage in terms.leaves_of(move, flow.code)}
    plain = ("code", "names", "kind", "to", "by", "conditions", "flows", "lanes", "levels", "checked", "waits")
    return MoveOut(
        **{name: getattr(move, name) for name in plain},
        dissatisfied_to=move.dissatisfied_to,
        leaves=[*leaves],
        form=fields_out(terms, move),
    )


def fields_out(terms: CaseTerms, move: CaseMove) -> list[FieldOut]:
    """Return the fields of a move's form."""
    form = form_of(terms, move)
    return [_field(one, choices_of(terms, one), confirm=one.code in form.confirmed) for one in form.fields]


def _field(one: FormField, choices: Sequence[Coded], *, confirm: bool) -> FieldOut:
    return FieldOut(
        code=one.code,
        names=NamesOut.model_validate(one.names),
        type=one.type,
        required=one.required,
        choices=[NamedCodeOut.model_validate(choice) for choice in choices],
        unit_kinds=[*one.unit_kinds],
        longest=one.longest if one.type == "text" else None,
        least=one.least,
        most=one.most,
        confirm=confirm,
    )
