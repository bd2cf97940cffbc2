"""States and steps of a task, and the permission for each step. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from console.access.rules import Actor, Forbidden, Permission
from console.flow.terms import Role
from console.forces.rules import ForceBusy
from geo.errors import ErrorKind, MaplebridgeError


class TaskTransition(MaplebridgeError):
    """The task's status does not allow the step. `params`: `from`, `step`."""

    code = "task.transition"
    kind = ErrorKind.CONFLICT


class LeadTaken(MaplebridgeError):
    """Another force leads on the incident. `params`: `incident`, and `force` and `task` where they are known."""

    code = "task.lead_taken"
    kind = ErrorKind.CONFLICT


class ForceOffDuty(MaplebridgeError):
    """The force is off duty. `params`: `force`."""

    code = "force.off_duty"
    kind = ErrorKind.CONFLICT


class ForceOnLeave(MaplebridgeError):
    """The force is on leave. `params`: `force`."""

    code = "force.on_leave"
    kind = ErrorKind.CONFLICT


class MayNotAnswer(MaplebridgeError):
    """The force may not answer the incident in that role. `params`: `force`, `role`, and `reason` as in the list of
    excluded candidates.
    """

    code = "force.may_not_answer"
    kind = ErrorKind.CONFLICT


class TaskOver(MaplebridgeError):
    """The task has ended: its force cannot call for support at it. `params`: `status`."""

    code = "task.over"
    kind = ErrorKind.CONFLICT


class TaskStatus(StrEnum):
    """Status of a task. All but the last three are active and occupy the force."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    FINISHED = "finished"
    DECLINED = "declined"
    RECALLED = "recalled"


ACTIVE = frozenset({TaskStatus.ASSIGNED, TaskStatus.ACCEPTED, TaskStatus.DEPARTED, TaskStatus.ARRIVED})


Step = Literal["accept", "decline", "depart", "arrive", "finish", "give_back", "recall"]
"""A step that a force or the dispatcher takes with a task."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A step: allowed statuses before it, the status after it, the column of its time, and whether the force takes it
    (an answer) or the dispatcher (an order).
    """

    leaves: frozenset[TaskStatus]
    to: TaskStatus
    stamp: str
    answer: bool = True


TRANSITIONS: Mapping[Step, Transition] = MappingProxyType(
    {
        "accept": Transition(frozenset({TaskStatus.ASSIGNED}), TaskStatus.ACCEPTED, "accepted_at"),
        "decline": Transition(frozenset({TaskStatus.ASSIGNED}), TaskStatus.DECLINED, "ended_at"),
        "depart": Transition(frozenset({TaskStatus.ACCEPTED}), TaskStatus.DEPARTED, "departed_at"),
        "arrive": Transition(frozenset({TaskStatus.DEPARTED}), TaskStatus.ARRIVED, "arrived_at"),
        "finish": Transition(frozenset({TaskStatus.ARRIVED}), TaskStatus.FINISHED, "ended_at"),
        "give_back": Transition(ACTIVE - {TaskStatus.ASSIGNED}, TaskStatus.DECLINED, "ended_at"),
        "recall": Transition(ACTIVE, TaskStatus.RECALLED, "ended_at", answer=False),
    }
)


MEASURED: frozenset[Step] = frozenset({"arrive", "finish"})
"""Steps that a force takes at the incident: its distance from there is recorded."""


def transition(status: str, step: Step) -> Transition:
    """Return the transition of a step. Raises TaskTransition if the status does not allow it."""
    found = TRANSITIONS[step]
    if status not in found.leaves:
        raise TaskTransition(**{"from": status, "step": step})
    return found


def refusal(code: str, *, force: int, role: Role) -> MaplebridgeError:
    """Return the error of a force that may not be sent, from its code in the list of excluded candidates."""
    if code in ("busy", "sent"):
        return ForceBusy(force=force)
    if code == "off_duty":
        return ForceOffDuty(force=force)
    if code == "on_leave":
        return ForceOnLeave(force=force)
    return MayNotAnswer(force=force, role=role.value, reason=code)


def entry_kind(step: Step, status: str) -> str:
    """Return the kind of a step's entry in the timeline. A task given back is not one that was never accepted."""
    return "task.given_back" if step == "give_back" else f"task.{status}"


def require_step(actor: Actor, step: Step, *, force_id: int, relayed: bool = False) -> None:
    """Raise Forbidden unless the actor may take the step with a task of that force.

    A force takes answers for its own tasks, a program with `ANSWER_ANY_TASK` for all. Orders need `DISPATCH`, and so do
    answers that the force gave by radio or telephone and a desk enters for it (`relayed`, 代报).
    """
    if TRANSITIONS[step].answer and not relayed:
        require_answer(actor, force_id=force_id)
    else:
        actor.require(Permission.DISPATCH)


def require_answer(actor: Actor, *, force_id: int) -> None:
    """Raise Forbidden unless the actor may answer for that force."""
    if actor.may(Permission.ANSWER_ANY_TASK):
        return
    if actor.force_id != force_id:
        raise Forbidden(permission=Permission.ANSWER_ANY_TASK)
    actor.require(Permission.ANSWER_OWN_TASKS)


def may_read_task(actor: Actor, *, force_id: int) -> bool:
    """Whether the actor may read a task of that force: all tasks, or their own force's."""
    reads_all = actor.may(Permission.READ_INCIDENTS) or actor.may(Permission.ANSWER_ANY_TASK)
    return reads_all or (actor.may(Permission.ANSWER_OWN_TASKS) and actor.force_id == force_id)
