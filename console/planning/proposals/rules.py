"""What a proposal is asked for, and why it is refused. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from geo.coverage.edges import Point
from geo.coverage.refusals import PlanRefused, UnknownCode, WrongLevel
from geo.coverage.topology import Coverage
from geo.errors import ErrorKind, MaplebridgeError

FIGURES = ("workload_minutes", "incidents", "households", "enterprises")
"""Figures that a load may be made of."""


class ProposalState(StrEnum):
    """States of a proposal. One that is `done` may have no alternative: then today's lines are the best known."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class NothingToEven(PlanRefused):
    """There are fewer than two divisions of the level that can change, or none of the figures asked for is known there.

    `groups` and `figures` say which. Way out: choose another level or division, or other weights.
    """

    code = "plan.nothing_to_even"
    kind = ErrorKind.INVALID


class BadSeeds(PlanRefused):
    """Seeds are not one for each division, or lie outside. `given` and `wanted` are their numbers."""

    code = "plan.seeds"
    kind = ErrorKind.INVALID


class TooManyProposals(MaplebridgeError):
    """Too many proposals are waiting. `params`: `waiting`, `seconds` after which to ask again."""

    code = "plan.proposals_waiting"
    kind = ErrorKind.TOO_MANY


class ProposalGone(MaplebridgeError):
    """The proposal is too old, of another plan, or the server has restarted since. Way out: ask anew."""

    code = "plan.proposal_gone"
    kind = ErrorKind.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Wish:
    """Even the load of divisions of a `level` below `division`; no piece crosses a line of level `within` or above.

    `weights` by figure make up the load, each figure as a share of its sum. With `seeds`, one place for each division
    of the level, the search begins there. `keep_homes`: each worker's home stays in the grid.
    """

    level: str
    division: str
    within: str
    weights: Mapping[str, float]
    seeds: Sequence[Point] = ()
    keep_homes: bool = True
    seconds: float = 15.0


def require_levels(coverage: Coverage, wish: Wish) -> None:
    """Raise `UnknownCode`, or `WrongLevel` unless the levels go down from the division over `within` to `level`."""
    if wish.division not in coverage:
        raise UnknownCode(wish.division)
    levels, top = coverage.levels, coverage.divisions[wish.division].level
    below = levels[levels.index(top) + 1 :]
    if wish.level not in below:
        raise WrongLevel(
            wish.division, wanted=levels[max(levels.index(wish.level) - 1, 0)] if wish.level in levels else None
        )
    if wish.within not in levels[levels.index(top) : levels.index(wish.level)]:
        raise WrongLevel(wish.division, wanted=levels[levels.index(wish.level) - 1])


def level_above(coverage: Coverage, level: str) -> str:
    """Return the level directly above one; of an unknown one, itself."""
    levels = coverage.levels
    return levels[max(levels.index(level) - 1, 0)] if level in levels else level
