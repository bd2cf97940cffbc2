"""Where an incident stands, by its flow and the set of its tasks. Pure."""

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
    """What a flow needs to know of a task. `status` is its own, `active` whether it still binds its force."""

    @property
    def role(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def active(self) -> bool: ...


def stage_of(flow: Flow, tasks: Collection[TaskState], *, at: str) -> str:
    """The stage of an incident that stands `at` one and has these tasks, ended ones included.

    An end stays. Else it is the furthest stage that an active task in a serving role brings. Without such a task it is
    the one that a concluding role's finished task brings, once nobody at all is on the incident; until then the
    furthest of those who still are. Without either the incident waits at the start.
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


def move(flow: Flow, code: str, *, at: str, occupied: bool, actor: Actor) -> str:
    """The stage that a person's move leads to. Raises `Forbidden`, or `IllegalStep` for a move that is not open.

    No move ends an incident that is `occupied`, which has a force on it: that force is recalled first.
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
    """The role of a force that is sent in none that is named: to lead if nobody does, else to support."""
    led = any(task.active and task.role == Role.LEAD for task in tasks)
    return Role.SUPPORT if led else Role.LEAD


def _furthest(flow: Flow, tasks: Iterable[TaskState]) -> str | None:
    stages = [flow.task_stages[task.status] for task in tasks if task.status in flow.task_stages]
    return max(stages, key=flow.stages.index, default=None)
