"""What is proposed for many incidents at once, and what a place says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from console.clocks.calendar import WorkingCalendar
from console.dispatching.answering import Answer
from console.dispatching.cover import Left, MoveUp
from console.dispatching.packages import FilledSlot, Package
from console.dispatching.rules import Candidate, Ranked
from console.dispatching.terms import DispatchTerms
from console.flow.terms import Role
from console.rosters.terms import Cover


@dataclass(frozen=True, slots=True)
class ProposalTerms:
    """What a place says of proposals. `levels` are the highest first, `risks` the gravest last."""

    dispatch: DispatchTerms
    packages: Sequence[Package]
    answers: Sequence[Answer]
    levels: Sequence[str]
    risks: Sequence[str]
    minimums: Sequence[Cover]
    zone: ZoneInfo
    calendar: WorkingCalendar


@dataclass(frozen=True, slots=True)
class Proposed:
    """A force for a slot of an incident. `tied` could go at the same sum, `others` are free, with their minutes."""

    incident: int
    slot: int
    role: Role
    ranked: Ranked
    tied: tuple[int, ...]
    others: tuple[tuple[Candidate, float], ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Nobody for a slot. `code` is the reason that is the easiest to mend, `why` counts the forces by reason."""

    incident: int
    slot: int
    role: Role
    code: str
    why: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Card:
    """The package of an incident, None where it has none, and what fills its slots; `kept` if it is its own copy."""

    incident: int
    package: Package | None
    kept: bool
    filled: Sequence[FilledSlot]


@dataclass(slots=True)
class Proposal:
    """What is proposed. Sums are in minutes; `greedy_left` are those whom one by one would have left without."""

    cards: list[Card] = field(default_factory=list)
    proposed: list[Proposed] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    unassigned: dict[int, str] = field(default_factory=dict)
    total_minutes: float = 0.0
    greedy_minutes: float = 0.0
    greedy_left: int = 0
    by_road: bool = False
    cover: list[Left] = field(default_factory=list)
    move_up: MoveUp | None = None
