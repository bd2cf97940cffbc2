"""Terms of the case flow 办理流程: `[case]` in the pack's `flow.toml`.

A case is the course of one incident through the stages of its place. Stages, moves, roles, lanes, limits and words are
data; the engine knows only the kinds of stages, moves and fields.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from geo.terms import AtLeastOne, Code, Coded, Count, Names, Part
from layers.divisions.terms import LevelName


class StageKind(StrEnum):
    """Kind of a stage: open 办理中, paused 挂账, end 办结, archived 归档."""

    OPEN = "open"
    PAUSED = "paused"
    END = "end"
    ARCHIVED = "archived"


class MoveKind(StrEnum):
    """What a move does to a case, besides leading to another stage."""

    ACCEPT = "accept"
    RETURN = "return"
    TRIAGE = "triage"
    ADVANCE = "advance"
    SPLIT = "split"
    TRANSFER = "transfer"
    ESCALATE = "escalate"
    SEND_DOWN = "send_down"
    TAKE_UP = "take_up"
    JOIN = "join"
    ANSWER = "answer"
    REFUSE = "refuse"
    STAND_DOWN = "stand_down"
    PAUSE = "pause"
    RESUME = "resume"
    EXTEND = "extend"
    TAKE_CHARGE = "take_charge"
    PROCEDURE = "procedure"
    CLOSE = "close"
    REOPEN = "reopen"
    ARCHIVE = "archive"
    FOLLOW_UP = "follow_up"
    URGE = "urge"
    CIRCULATE = "circulate"


FieldType = Literal["text", "choice", "date", "unit", "units", "post", "number", "yes_no"]
ListName = Literal["lanes", "levels", "outcomes", "procedures", "limits"]
"""A list of this section whose codes a choice offers."""

Where = Literal["owner", "receiver", "first_receiver", "above", "joined", "anywhere"]
"""Where the unit of a person's post stands to the case.

- `owner`: it has the case. `receiver`: the case is handed to it, and it has not accepted yet.
- `first_receiver`: it received the case first 首接. `above`: its level is above the owner's.
- `joined`: it is called to help and has not answered. `anywhere`: the case lies within the person's division.
"""
Duty = Literal["head", "deputy", "member", "seconded"]
During = Literal["case", "stages", "hand_over", "joint"]
ConditionKind = Literal["confirmed", "no_force", "parts_ended", "followed_up"]


class Step(Coded):
    """A step of the place's own flow 环节, as its report names it; stages belong to steps."""


class CaseStage(Coded):
    """A stage of cases. `step` is the step it belongs to."""

    kind: StageKind = StageKind.OPEN
    step: Code | None = None


class CaseFlow(Coded):
    """The flow of some classes or categories of incidents: its stages in their order, beginning with the first.

    The first flow that fits an incident is its flow; one without classes and categories fits every incident.
    """

    classes: tuple[Code, ...] = ()
    categories: tuple[Code, ...] = ()
    stages: tuple[Code, ...] = Field(min_length=2)


class Lane(Coded):
    """A lane 通道, such as 小事快办. The first lane that fits a new case is its lane; an empty list fits all."""

    risks: tuple[Code, ...] = ()
    classes: tuple[Code, ...] = ()
    categories: tuple[Code, ...] = ()


class CaseLevel(Part):
    """A level that handles cases, in the place's words, such as 镇街主战."""

    level: LevelName
    names: Names


class Receiver(Part):
    """The level whose centre receives first 首接 the incidents of some sources. Without sources: of all."""

    sources: tuple[Code, ...] = ()
    level: LevelName


class CaseRole(Coded):
    """People who may make a move: by the role of their account, or by a post.

    Each list that is not empty must name what the person has; `where` is any of the places given.
    """

    access: tuple[Code, ...] = ()
    posts: tuple[Code, ...] = ()
    duties: tuple[Duty, ...] = ()
    unit_kinds: tuple[Code, ...] = ()
    levels: tuple[LevelName, ...] = ()
    where: tuple[Where, ...] = ("owner",)


class FormField(Coded):
    """A field of a move's form. A `choice` offers its `choices`, or the codes of the list `of`."""

    type: FieldType = "text"
    required: bool = True
    choices: tuple[Coded, ...] = ()
    of: ListName | None = None
    unit_kinds: tuple[Code, ...] = ()
    longest: Annotated[int, Field(ge=1, le=4000)] = 2000
    least: float | None = None
    most: float | None = None


class Condition(Coded):
    """A condition of a move, as those of filing 立案 and closing 结案.

    `confirmed`: the person confirms it in the form. `no_force`: no force is at the incident. `parts_ended`: the cases
    split off have ended. `followed_up`: the reporter has been asked, and was not
    dissatisfied; or is not to be asked.
    """

    kind: ConditionKind = "confirmed"


class CaseMove(Coded):
    """A move: its kind, the stages it leaves and the stage it leads to, who may make it, and its form.

    - `leaves`: all open stages if left out. `to`: the same stage; for `resume`, the stage before the pause.
    - `flows`, `lanes`, `levels`: only there; everywhere if left out.
    - `checked`: not by the person who accepted the case 经办人, nor by the one who brought it to this check.
    - `waits`: only when the units called to help have answered.
    - `dissatisfied_to`: for `follow_up`, the stage after a dissatisfied answer.
    """

    kind: MoveKind
    leaves: tuple[Code, ...] = ()
    to: Code | None = None
    by: tuple[Code, ...] = Field(min_length=1)
    form: tuple[FormField, ...] = ()
    conditions: tuple[Code, ...] = ()
    flows: tuple[Code, ...] = ()
    lanes: tuple[Code, ...] = ()
    levels: tuple[LevelName, ...] = ()
    checked: bool = False
    waits: bool = False
    dissatisfied_to: Code | None = None


class LimitClock(Part):
    """A clock of a limit, for some flows, lanes, levels and risks; an empty list is all of them."""

    clock: Code
    flows: tuple[Code, ...] = ()
    lanes: tuple[Code, ...] = ()
    levels: tuple[LevelName, ...] = ()
    risks: tuple[Code, ...] = ()


class DueMove(Part):
    """A move that the server makes, with this form, when a limit is due and the case still stands where it leaves."""

    move: Code
    form: Mapping[Code, str] = Field(default_factory=dict)


class CaseLimit(Coded):
    """A limit of cases 时限, such as the three orders 派单、接单、结单. The first clock that fits runs.

    `during` the whole open `case`; while it is in one of `stages`; while a `hand_over` waits to be accepted; or for
    each called unit until it has answered (`joint`). `overdue` is what the server does once it is due 超期自动升级.
    """

    during: During = "case"
    stages: tuple[Code, ...] = ()
    clocks: tuple[LimitClock, ...] = Field(min_length=1)
    overdue: DueMove | None = None


class Joint(Part):
    """When the answers of units called to help 联办 are enough: of all, of any, of `count`, or as the owner decides."""

    rule: Literal["all", "any", "count", "lead"] = "all"
    count: AtLeastOne = 1


class PauseTerms(Part):
    """How many natural days a pause 挂账 lasts at most. One without a day `until` is to end on the last of them."""

    longest_days: Annotated[int, Field(ge=1, le=3660)] = 90


class FollowUpAnswer(Coded):
    """An answer to a follow-up, and how satisfied it is."""

    satisfied: Literal["yes", "partly", "no"]


class FollowUpDraw(Coded):
    """A share of some ended cases to ask 抽样回访; an empty list is all. Of several, the first that fits counts.

    `after_days`: natural days after the closing; those of the follow-up if left out.
    """

    share: Annotated[float, Field(ge=0, le=1)]
    lanes: tuple[Code, ...] = ()
    classes: tuple[Code, ...] = ()
    levels: tuple[LevelName, ...] = ()
    after_days: Count | None = None


class FollowUp(Part):
    """Follow-up 回访 of ended cases: the share asked, by whom, in which ways, about what, and the possible answers.

    Cases that no draw fits are asked by `share`, `after_days` natural days after the closing, within `within_days`.
    A person who could not be reached is tried again after `retry_hours`, and given up after `tries`. By a
    `third_party` it is not for people with a post in a unit that has the case.
    """

    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    by: Literal["own", "third_party"] = "own"
    after_days: Count = 1
    within_days: AtLeastOne = 7
    tries: AtLeastOne = 3
    retry_hours: AtLeastOne = 4
    draws: tuple[FollowUpDraw, ...] = ()
    ways: tuple[Coded, ...] = Field(min_length=1)
    aspects: tuple[Coded, ...] = Field(min_length=1)
    answers: tuple[FollowUpAnswer, ...] = Field(min_length=1)


class FinishCloses(Part):
    """Incidents whose case ends, with this outcome, when the force that leads has finished; an empty list is all."""

    lanes: tuple[Code, ...] = ()
    classes: tuple[Code, ...] = ()
    categories: tuple[Code, ...] = ()
    outcome: Code


class DeskClose(Part):
    """The move, and its outcome, by which an operator closes an incident at once; and the one for those it bars."""

    move: Code
    otherwise: Code | None = None
    outcome: Code

    @property
    def moves(self) -> tuple[str, ...]:
        return (self.move,) if self.otherwise is None else (self.move, self.otherwise)


class CaseTerms(Part):
    """The case flow of a place."""

    steps: tuple[Step, ...] = ()
    stages: tuple[CaseStage, ...] = Field(min_length=2)
    flows: tuple[CaseFlow, ...] = Field(min_length=1)
    lanes: tuple[Lane, ...] = Field(min_length=1)
    levels: tuple[CaseLevel, ...] = Field(min_length=1)
    receivers: tuple[Receiver, ...] = ()
    roles: tuple[CaseRole, ...] = Field(min_length=1)
    moves: tuple[CaseMove, ...] = Field(min_length=1)
    limits: tuple[CaseLimit, ...] = Field(min_length=1)
    conditions: tuple[Condition, ...] = ()
    outcomes: tuple[Coded, ...] = Field(min_length=1)
    procedures: tuple[Coded, ...] = ()
    joint: Joint = Joint()
    pause: PauseTerms = PauseTerms()
    follow_up: FollowUp | None = None
    finish_closes: tuple[FinishCloses, ...] = ()
    desk_close: DeskClose | None = None

    @cached_property
    def stage_by_code(self) -> Mapping[str, CaseStage]:
        return {stage.code: stage for stage in self.stages}

    @cached_property
    def flow_by_code(self) -> Mapping[str, CaseFlow]:
        return {flow.code: flow for flow in self.flows}

    @cached_property
    def move_by_code(self) -> Mapping[str, CaseMove]:
        return {move.code: move for move in self.moves}

    @cached_property
    def role_by_code(self) -> Mapping[str, CaseRole]:
        return {role.code: role for role in self.roles}

    @cached_property
    def condition_by_code(self) -> Mapping[str, Condition]:
        return {condition.code: condition for condition in self.conditions}

    @cached_property
    def joint_limits(self) -> frozenset[str]:
        """The limits that run for each called unit by itself."""
        return frozenset(limit.code for limit in self.limits if limit.during == "joint")

    @cached_property
    def level_codes(self) -> tuple[str, ...]:
        """Levels from the lowest to the highest."""
        return tuple(level.level for level in self.levels)

    def stages_of(self, flow: str, *kinds: StageKind) -> tuple[str, ...]:
        """List the stages of a flow of these kinds, in order; of all kinds if none is given."""
        stages = self.flow_by_code[flow].stages
        return tuple(code for code in stages if not kinds or self.stage_by_code[code].kind in kinds)

    @cached_property
    def _open_stages(self) -> Mapping[str, tuple[str, ...]]:
        return {flow.code: self.stages_of(flow.code, StageKind.OPEN) for flow in self.flows}

    def leaves_of(self, move: CaseMove, flow: str) -> tuple[str, ...]:
        """List the stages of a flow that a move leaves; none if the flow does not have the move."""
        if move.flows and flow not in move.flows:
            return ()
        stages = self.flow_by_code[flow].stages
        if any(code and code not in stages for code in (move.to, move.dissatisfied_to)):
            return ()
        return tuple(code for code in move.leaves if code in stages) if move.leaves else self._open_stages[flow]

    def fits(self, category: str, risks: Iterable[str]) -> bool:
        """Whether incidents of a category have a flow, and for each of these risks a lane."""
        return bool(self._flows_for(category)) and all(self._lanes_for(category, risk) for risk in risks)

    def flow_for(self, category: str) -> str:
        """Return the code of the first flow that fits a category; the pack's check holds that there is one."""
        return self._flows_for(category)[0].code

    def lane_for(self, category: str, risk: str) -> str:
        """Return the code of the first lane that fits a category and a risk; the pack's check holds that there is."""
        return self._lanes_for(category, risk)[0].code

    def _flows_for(self, category: str) -> list[CaseFlow]:
        return [flow for flow in self.flows if is_of(category, flow.classes, flow.categories)]

    def _lanes_for(self, category: str, risk: str) -> list[Lane]:
        risky = (lane for lane in self.lanes if not lane.risks or risk in lane.risks)
        return [lane for lane in risky if is_of(category, lane.classes, lane.categories)]

    def closed_by_finish(self, category: str, lane: str) -> str | None:
        """Return the outcome with which the end of the leading force's task closes a case; None if it goes on."""
        fitting = (
            one.outcome
            for one in self.finish_closes
            if (not one.lanes or lane in one.lanes) and is_of(category, one.classes, one.categories)
        )
        return next(fitting, None)


def is_of(category: str, classes: tuple[str, ...], categories: tuple[str, ...]) -> bool:
    """Whether a category is among some classes or categories; if both are empty, it is."""
    return not (classes or categories) or category in categories or category.split(".", 1)[0] in classes


def clock_for(clocks: tuple[LimitClock, ...], *, flow: str, lane: str, level: str, risk: str) -> str | None:
    """Return the code of the first clock that fits, None if none does."""
    fitting = (
        one.clock
        for one in clocks
        if (not one.flows or flow in one.flows)
        and (not one.lanes or lane in one.lanes)
        and (not one.levels or level in one.levels)
        and (not one.risks or risk in one.risks)
    )
    return next(fitting, None)
