"""The board 督办: how a case stands to its limits, and where it counts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal

from geo.errors import BadCursor

By = Literal["unit", "level", "stage", "division"]
"""What figures are counted by: the responsible unit, the level, the stage, or the next divisions below the scope."""
ClockKind = Literal["statutory", "local"]
"""Clocks that a law sets, and clocks of the place's own rules."""
KINDS: tuple[ClockKind, ...] = ("statutory", "local")

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
FAR = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands in the order of a list for no due time."""


class Standing(StrEnum):
    """How a running case stands to its limits; each case has one.

    `late`: a clock that runs is past its due time. `near`: none is, and one is past its warning. `paused`: neither, and
    the case is paused 挂账. `in_time`: the rest. A statutory clock that no pause stops can be late in a paused case.
    """

    LATE = "late"
    NEAR = "near"
    PAUSED = "paused"
    IN_TIME = "in_time"


@dataclass(frozen=True, slots=True)
class Cell:
    """How many cases stand how, of one unit, level, stage or division, or of all. The four standings add up.

    `of_clocks` has late and near cases by one kind of clocks alone, so that a case can count under both kinds.
    `called`: how many of a unit's cases others have, and call it to help with. `run_out`: whose pause
    was expected to end by now.
    """

    key: str | None
    standings: Mapping[Standing, int]
    of_clocks: Mapping[ClockKind, Mapping[Standing, int]] = field(default_factory=dict)
    called: int = 0
    run_out: int = 0

    @property
    def open(self) -> int:
        """Cases that run."""
        return sum(self.standings.values())


def total_of(cells: list[Cell]) -> Cell:
    """Add cells up."""
    return Cell(
        None,
        {one: sum(cell.standings[one] for cell in cells) for one in Standing},
        {
            kind: {one: sum(cell.of_clocks[kind][one] for cell in cells) for one in (Standing.LATE, Standing.NEAR)}
            for kind in KINDS
        },
        run_out=sum(cell.run_out for cell in cells),
    )


def worst_first(cells: list[Cell]) -> list[Cell]:
    """Sort cells: most late, then most near, then most cases."""
    late, near = Standing.LATE, Standing.NEAR
    return sorted(cells, key=lambda one: (-one.standings[late], -one.standings[near], -one.open, one.key or ""))


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list of cases: the due time and id of the last one shown."""

    due_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.due_at - EPOCH) // MICROSECOND}-{self.id}"


def place_of(cursor: str) -> Place:
    """Return the place that a cursor names. Raises `BadCursor`."""
    due, _, number = cursor.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (due, number)):
        raise BadCursor(cursor=cursor[:40])
    if int(due) > (FAR - EPOCH) // MICROSECOND:
        raise BadCursor(cursor=cursor[:40])
    return Place(EPOCH + MICROSECOND * int(due), int(number))
