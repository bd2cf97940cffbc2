"""Compute an incident's stage from its flow and tasks. Pure."""

from collections.abc import Collection, Iterable
from typing import Protocol

from console.access.rules import Actor
from console.flow.terms import Flow, Role
from geo.errors import ErrorKind, MaplebridgeError


class IllegalStep(MaplebridgeError):
    """The incident's stage does not allow the step. `params`: `status`, `step`."""

    code = "incident.transition"
    kind = ErrorKind.CONFLICT


class TaskState(Protocol):
    """A task as used by a flow. `active`: it still occupies its force."""

    @property
    def role(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def active(self) -> bool: ...


def stage_of(flow: Flow, tasks: Collection[TaskState], *, at: str) -> str:
    """Compute the stage of an incident that is `at` a stage and has these tasks, including ended ones.

    An end is final. Otherwise it is the furthest stage of the active tasks in serving roles. Without any, it is the
    stage of a finished task in a concluding role, once no force is left on the incident; until then the furthest stage
    of the active tasks. Without either the incident is at the start.
    """
    if at in flow.ends:
        return at
    active = [task for task in tasks if task.active]
    serving = [task for task in active if task.role in flow.serving]
    concluded = [task for task in tasks if not task.active and task.role in flow.concluding]
    outcome = _furthest(flow, concluded)
    if serving or outcome is None:
        return _furthest(flow, serving) or flow.start
    return _furthest(flow, active) or outcome


def apply_move(flow: Flow, code: str, *, at: str, occupied: bool, actor: Actor) -> str:
    """Return the stage after a person's move. Raises `Forbidden`, or `IllegalStep` for a move that is not allowed.

    An `occupied` incident, with a force on it, cannot be ended by a move: recall the force first.
    """
    found = next((move for move in flow.moves if move.code == code and at in move.leaves), None)
    if found is None or (occupied and found.to in flow.ends):
        raise IllegalStep(status=at, step=code)
    actor.require(found.permission)
    return found.to


def require_open(flow: Flow, *, at: str, step: str) -> None:
    """Raise `IllegalStep` for an incident that has ended."""
    if at in flow.ends:
        raise IllegalStep(status=at, step=step)


def role_for(tasks: Iterable[TaskState]) -> Role:
    """Return the default role of a new task: lead, or support if another force leads."""
    led = any(task.active and task.role == Role.LEAD for task in tasks)
    return Role.SUPPORT if led else Role.LEAD


def _furthest(flow: Flow, tasks: Iterable[TaskState]) -> str | None:
    stages = [flow.task_stages[task.status] for task in tasks if task.status in flow.task_stages]
    return max(stages, key=flow.stages.index, default=None)
