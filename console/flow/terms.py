"""Flows 流程 as data: stages of an incident, moves between them, and stages of its tasks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from console.access.rules import Permission

REGISTERED = "registered"
CLOSED = "closed"
HANDLED = "handled"
"""Its forces have finished, and its case goes on 现场已处置."""


class Role(StrEnum):
    """Role of a force on an incident: lead 主办, support 协办, or observe 列席."""

    LEAD = "lead"
    SUPPORT = "support"
    OBSERVER = "observer"


class BadFlow(ValueError):
    """The flow is invalid. `faults` lists each wrong stage, move or status with the reason."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


@dataclass(frozen=True, slots=True)
class Move:
    """A step that a person takes with an incident: stages before it, the stage after it, and the permission."""

    code: str
    leaves: frozenset[str]
    to: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Flow:
    """Stages of an incident, in the order of an ordinary case, beginning with the first. Raises `BadFlow`.

    `task_stages` maps a task's status to the incident's stage; other statuses have no effect. Active tasks count in the
    roles `serving`, finished ones in the roles `concluding`.
    """

    stages: tuple[str, ...]
    ends: frozenset[str]
    moves: tuple[Move, ...]
    task_stages: Mapping[str, str]
    serving: frozenset[Role]
    concluding: frozenset[Role]

    def __post_init__(self) -> None:
        if faults := [*_faults(self)]:
            raise BadFlow(faults)

    @property
    def start(self) -> str:
        return self.stages[0]


def _faults(flow: Flow) -> Iterator[str]:
    if not flow.stages or len({*flow.stages}) < len(flow.stages):
        yield "stages: one at least, and each once"
        return
    yield from _unknown_stages(flow)
    if not flow.serving or not flow.concluding <= flow.serving:
        yield "serving, concluding: a role that serves, and every role that concludes among them"
    reached = _reachable(flow, flow.start)
    yield from (f"{stage}: cannot be reached" for stage in flow.stages if stage not in reached)
    yield from (f"{stage}: leads to no end" for stage in flow.stages if not flow.ends & _reachable(flow, stage))


def _unknown_stages(flow: Flow) -> Iterator[str]:
    named = [("ends", stage) for stage in flow.ends]
    named += [(f"task status {status}", stage) for status, stage in flow.task_stages.items()]
    named += [(f"move {move.code}", stage) for move in flow.moves for stage in {*move.leaves, move.to}]
    yield from (f"{where}: unknown stage {stage}" for where, stage in named if stage not in flow.stages)
    for move in flow.moves:
        yield from (f"move {move.code}: leaves the end {stage}" for stage in move.leaves & flow.ends)


def _reachable(flow: Flow, stage: str) -> set[str]:
    """Return the stages reachable from one, including itself."""
    reached: set[str] = set()
    ahead = {stage}
    while ahead:
        reached |= ahead
        ahead = {after for before in ahead for after in _next_stages(flow, before)} - reached
    return reached


def _next_stages(flow: Flow, stage: str) -> set[str]:
    """Return the stages one step after: by a move, or a new, continued or ended task. Ended incidents get no tasks."""
    if stage in flow.ends:
        return set()
    moved = {move.to for move in flow.moves if stage in move.leaves}
    return moved | {*flow.task_stages.values()} | ({flow.start} if stage in flow.task_stages.values() else set())


ORDINARY = Flow(
    stages=(REGISTERED, "assigned", "accepted", "under_way", "on_scene", CLOSED),
    ends=frozenset({CLOSED}),
    moves=(Move("close", frozenset({REGISTERED}), CLOSED, Permission.EDIT_INCIDENTS),),
    task_stages=MappingProxyType(
        {
            "assigned": "assigned",
            "accepted": "accepted",
            "departed": "under_way",
            "arrived": "on_scene",
            "finished": CLOSED,
        }
    ),
    serving=frozenset({Role.LEAD, Role.SUPPORT}),
    concluding=frozenset({Role.LEAD}),
)
"""The ordinary flow: an incident waits, is handled, and is closed when its lead finishes, or at the desk."""

CONTINUED = replace(
    ORDINARY,
    stages=(*ORDINARY.stages[:-1], HANDLED, CLOSED),
    moves=(Move("close", frozenset({REGISTERED, HANDLED}), CLOSED, Permission.EDIT_INCIDENTS),),
    task_stages=MappingProxyType({**ORDINARY.task_stages, "finished": HANDLED}),
)
"""The flow of an incident whose case goes on when its lead has finished, and ends it."""
