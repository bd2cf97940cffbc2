"""The life of a task, as data: which step leads where, what it means for the incident, and who may take it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from console.access.rules import Actor, Forbidden, Permission
from geo.errors import MaplebridgeError


class TaskTransition(MaplebridgeError):
    """The step is not open to a task in this state. `params`: `from`, `step`."""

    code = "task.transition"


class IncidentAssigned(MaplebridgeError):
    """Someone is already being sent to the incident. `params`: `incident`."""

    code = "incident.assigned"


class ForceOffDuty(MaplebridgeError):
    """The force is off duty. `params`: `force`."""

    code = "force.off_duty"


class TaskStatus(StrEnum):
    """Where a task stands. All but the last three are active: they bind the force and the incident."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    FINISHED = "finished"
    DECLINED = "declined"
    RECALLED = "recalled"


ACTIVE = frozenset({TaskStatus.ASSIGNED, TaskStatus.ACCEPTED, TaskStatus.DEPARTED, TaskStatus.ARRIVED})


class Step(StrEnum):
    """What a force, or the dispatcher, does with a task."""

    ACCEPT = "accept"
    DECLINE = "decline"
    DEPART = "depart"
    ARRIVE = "arrive"
    FINISH = "finish"
    RECALL = "recall"


@dataclass(frozen=True, slots=True)
class Transition:
    """A step: the states it may leave, the state it leads to, the task's column that keeps its time, the status it
    gives the incident, and whether the force takes it (an answer) or the dispatcher (an order)."""

    leaves: frozenset[TaskStatus]
    to: TaskStatus
    stamp: str
    incident: str
    answer: bool = True


TRANSITIONS: Mapping[Step, Transition] = MappingProxyType(
    {
        Step.ACCEPT: Transition(frozenset({TaskStatus.ASSIGNED}), TaskStatus.ACCEPTED, "accepted_at", "accepted"),
        Step.DECLINE: Transition(frozenset({TaskStatus.ASSIGNED}), TaskStatus.DECLINED, "ended_at", "registered"),
        Step.DEPART: Transition(frozenset({TaskStatus.ACCEPTED}), TaskStatus.DEPARTED, "departed_at", "under_way"),
        Step.ARRIVE: Transition(frozenset({TaskStatus.DEPARTED}), TaskStatus.ARRIVED, "arrived_at", "on_scene"),
        Step.FINISH: Transition(frozenset({TaskStatus.ARRIVED}), TaskStatus.FINISHED, "ended_at", "closed"),
        Step.RECALL: Transition(ACTIVE, TaskStatus.RECALLED, "ended_at", "registered", answer=False),
    }
)


def transition(status: str, step: Step) -> Transition:
    """What the step does to a task in that state. Raises TaskTransition when it is not open to it."""
    found = TRANSITIONS[step]
    if status not in found.leaves:
        raise TaskTransition(**{"from": status, "step": step.value})
    return found


def require_step(actor: Actor, step: Step, *, force_id: int) -> None:
    """Raise Forbidden unless the actor may take the step with a task of that force.

    A force answers for itself alone; whoever may answer for any is a program that carries answers in. An order is the
    dispatcher's.
    """
    if not TRANSITIONS[step].answer:
        actor.require(Permission.DISPATCH)
    elif actor.may(Permission.ANSWER_ANY_TASK):
        return
    elif actor.force_id != force_id:
        raise Forbidden(permission=Permission.ANSWER_ANY_TASK)
    else:
        actor.require(Permission.ANSWER_OWN_TASKS)


def sees_task(actor: Actor, *, force_id: int) -> bool:
    """Whether the actor's role reads a task of that force: all of them, or its own force's."""
    reads_all = actor.may(Permission.READ_INCIDENTS) or actor.may(Permission.ANSWER_ANY_TASK)
    return reads_all or (actor.may(Permission.ANSWER_OWN_TASKS) and actor.force_id == force_id)
