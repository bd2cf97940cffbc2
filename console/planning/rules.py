"""States of a plan, the moves between them, and who may make each. Pure.

A plan is drafted, submitted, and reviewed by somebody who has drawn nothing of it: approved, or returned to be drawn
on. Only a draft is drawn on. An approved plan is published for a day, and is in force from then on; unpublished, it is
approved again. A plan that is withdrawn stays on record.
"""

from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from console.access.rules import Actor, Forbidden, Permission
from geo.errors import ErrorKind, MaplebridgeError

MONTHS = 12
"""Incidents of so many months count, where nothing else is asked for."""


class PlanState(StrEnum):
    """States of a plan."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class PlanStep(StrEnum):
    """Steps of a plan. `edit` is an operation, an undo or a redo; `take_effect` is taken by the server on the first
    day of the lines, or `fail` where they do not fit any more.
    """

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    WITHDRAW = "withdraw"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    TAKE_EFFECT = "take_effect"
    FAIL = "fail"


class PlanStateWrong(MaplebridgeError):
    """The plan's state does not allow the step. `params`: `state`, `step`."""

    code = "plan.state"
    kind = ErrorKind.CONFLICT


class OwnPlan(MaplebridgeError):
    """The reviewer has made the plan, or drawn on it. Way out: let somebody else review it."""

    code = "plan.own_review"
    kind = ErrorKind.FORBIDDEN


class DayOver(MaplebridgeError):
    """The plan is for a day that is over. `params`: `day`, `today`. Way out: plan on the lines of today."""

    code = "plan.day_over"
    kind = ErrorKind.INVALID


class LinesCurrent(MaplebridgeError):
    """The plan is on the lines of today, or of a later day, already. `params`: `day`."""

    code = "plan.lines_current"
    kind = ErrorKind.CONFLICT


class NothingDrawn(MaplebridgeError):
    """The plan has no operation in force, so there is nothing to review. Way out: draw first."""

    code = "plan.nothing_drawn"
    kind = ErrorKind.CONFLICT


class NothingToUndo(MaplebridgeError):
    """No operation of the plan is in force."""

    code = "plan.nothing_to_undo"
    kind = ErrorKind.CONFLICT


class NothingToRedo(MaplebridgeError):
    """No operation was undone since the last one was drawn."""

    code = "plan.nothing_to_redo"
    kind = ErrorKind.CONFLICT


_S, _M = PlanStep, PlanState
MOVES: Mapping[tuple[PlanState, PlanStep], PlanState] = MappingProxyType(
    {
        (_M.DRAFT, _S.EDIT): _M.DRAFT,
        (_M.DRAFT, _S.SUBMIT): _M.SUBMITTED,
        (_M.DRAFT, _S.WITHDRAW): _M.WITHDRAWN,
        (_M.SUBMITTED, _S.APPROVE): _M.APPROVED,
        (_M.SUBMITTED, _S.RETURN): _M.RETURNED,
        (_M.SUBMITTED, _S.WITHDRAW): _M.WITHDRAWN,
        (_M.RETURNED, _S.EDIT): _M.DRAFT,
        (_M.RETURNED, _S.SUBMIT): _M.SUBMITTED,
        (_M.RETURNED, _S.WITHDRAW): _M.WITHDRAWN,
        (_M.APPROVED, _S.WITHDRAW): _M.WITHDRAWN,
        (_M.APPROVED, _S.PUBLISH): _M.SCHEDULED,
        (_M.SCHEDULED, _S.WITHDRAW): _M.WITHDRAWN,
        (_M.SCHEDULED, _S.UNPUBLISH): _M.APPROVED,
        (_M.SCHEDULED, _S.TAKE_EFFECT): _M.PUBLISHED,
        (_M.SCHEDULED, _S.FAIL): _M.APPROVED,
        (_M.PUBLISHED, _S.UNPUBLISH): _M.APPROVED,
    }
)
"""The state that each step leads to. What is not here is refused."""

PERMISSIONS: Mapping[PlanStep, Permission] = MappingProxyType(
    {
        PlanStep.EDIT: Permission.DRAW_PLANS,
        PlanStep.SUBMIT: Permission.DRAW_PLANS,
        PlanStep.APPROVE: Permission.REVIEW_PLANS,
        PlanStep.RETURN: Permission.REVIEW_PLANS,
        PlanStep.WITHDRAW: Permission.DRAW_PLANS,
        PlanStep.PUBLISH: Permission.PUBLISH_PLANS,
        PlanStep.UNPUBLISH: Permission.PUBLISH_PLANS,
    }
)


def state_after(state: PlanState, step: PlanStep) -> PlanState:
    """Return the state that a step leads to. Raises `PlanStateWrong`."""
    after = MOVES.get((state, step))
    if after is None:
        raise PlanStateWrong(state=state.value, step=step.value)
    return after


def require_may(actor: Actor, step: PlanStep, *, authors: Collection[int]) -> None:
    """Raise `Forbidden` without the step's permission, `OwnPlan` for a review by one of the plan's authors."""
    if step not in PERMISSIONS:
        raise Forbidden(permission=step.value)
    actor.require(PERMISSIONS[step])
    if step in (PlanStep.APPROVE, PlanStep.RETURN) and actor.user_id in authors:
        raise OwnPlan


ASKED = (PlanStep.EDIT, PlanStep.SUBMIT, PlanStep.APPROVE, PlanStep.RETURN, PlanStep.PUBLISH, PlanStep.UNPUBLISH,
         PlanStep.WITHDRAW)  # fmt: skip
"""Steps that people take."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps that somebody may take with a plan now, and why not each of the others."""

    may: list[PlanStep]
    may_not: dict[PlanStep, MaplebridgeError]


def steps_of(actor: Actor, state: PlanState, *, authors: Collection[int]) -> Steps:
    """Return which steps the actor may take now. A right that lacks comes before the state."""
    may, why_not = list[PlanStep](), dict[PlanStep, MaplebridgeError]()
    for step in ASKED:
        try:
            require_may(actor, step, authors=authors)
            state_after(state, step)
        except (Forbidden, OwnPlan, PlanStateWrong) as error:
            why_not[step] = error
        else:
            may.append(step)
    return Steps(may, why_not)


def may_edit(actor: Actor, state: str) -> None:
    """Raise `Forbidden` or `PlanStateWrong` unless the actor may draw on a plan in this state."""
    require_may(actor, PlanStep.EDIT, authors=())
    state_after(PlanState(state), PlanStep.EDIT)


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or the last day of a shorter month."""
    years, month = divmod(day.month - 1 - months, 12)
    first = date(day.year + years, month + 1, 1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))


def require_may_comment(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor draws or reviews plans."""
    if not (actor.may(Permission.DRAW_PLANS) or actor.may(Permission.REVIEW_PLANS)):
        raise Forbidden(permission=Permission.DRAW_PLANS)


def require_not_over(day: date, *, today: date) -> None:
    """Raise `DayOver` for a plan on a day that is over: lines of the past do not change any more."""
    if day < today:
        raise DayOver(day=day.isoformat(), today=today.isoformat())


def in_force(follows: Mapping[int, int], head: int) -> list[int]:
    """Return the ids of the operations in force, in order. `follows` tells for each which one it came after."""
    found = []
    while head:
        found.append(head)
        head = follows[head]
    return found[::-1]


def undone(follows: Mapping[int, int], head: int) -> int:
    """Return the head after an undo. Raises `NothingToUndo`."""
    if not head:
        raise NothingToUndo
    return follows[head]


def redone(follows: Mapping[int, int], head: int) -> int:
    """Return the head after a redo: the last operation that came after the present head. Raises `NothingToRedo`.

    After an undo and another operation, the one undone is not redone any more.
    """
    after = redoable(follows, head)
    if after is None:
        raise NothingToRedo
    return after


def redoable(follows: Mapping[int, int], head: int) -> int | None:
    """Return the operation that a redo would put in force, None for none."""
    return max((at for at, before in follows.items() if before == head), default=None)
