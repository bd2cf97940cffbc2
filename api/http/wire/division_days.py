"""JSON of the days on which lines changed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Self

from pydantic import Field

from api.http.wire.shapes import Out
from layers.divisions.changes import Changed, LineChange

MOST_LISTED = 200


class ChangedDivisionOut(Out):
    """A division that changed on a day. `surveyed`: the same line, measured anew."""

    code: str
    name: str
    level: str
    change: LineChange


class DayOfLinesOut(Out):
    """A day on which lines changed: how many divisions by change, and the first of these."""

    day: date
    counts: dict[LineChange, int]
    changes: list[ChangedDivisionOut] = Field(description=f"The first {MOST_LISTED}.")

    @classmethod
    def of(cls, day: date, changes: Sequence[Changed]) -> Self:
        listed = [
            ChangedDivisionOut(code=one.code, name=one.name, level=one.level, change=one.change)
            for one in changes[:MOST_LISTED]
        ]
        return cls(day=day, counts=dict(Counter(one.change for one in changes)), changes=listed)


class DaysOfLinesOut(Out):
    """The day on which the lines began, and each day after it on which they changed."""

    start: date
    items: list[DayOfLinesOut]
