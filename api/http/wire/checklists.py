"""JSON of the checklists of centres."""

from datetime import date
from typing import Self

from pydantic import Field

from api.http.wire.networks import NamedOut
from api.http.wire.shapes import Day, In, Out
from console.checklists.queries import MarkCounts
from console.checklists.tables import ChecklistMark
from console.register.tables import Unit
from ingest.reports.fields import PlainText


class MarkOut(Out):
    """What was found of an item: on which day, by whom."""

    day: date
    met: bool
    note: str
    by: str | None

    @classmethod
    def told(cls, mark: ChecklistMark, *, by: str | None) -> Self:
        return cls(day=mark.day, met=mark.met, note=mark.note, by=by)


class CheckedItemOut(NamedOut):
    """An item of a checklist with its latest mark; null where nobody has looked yet."""

    mark: MarkOut | None


class CheckedListOut(NamedOut):
    """A checklist of a centre, with its source."""

    source: str
    items: list[CheckedItemOut]


class CheckedCentreOut(Out):
    """A centre with the checklists of its level."""

    unit: str
    name: str
    name_en: str
    level: str
    may_mark: bool = Field(description="Whether the caller may mark it.")
    checklists: list[CheckedListOut]


class CentreCountsOut(Out):
    """A centre, and how many items of its checklists are met, not met, and not looked at."""

    unit: str
    name: str
    name_en: str
    level: str
    division: str
    met: int
    not_met: int
    unmarked: int

    @classmethod
    def told(cls, unit: Unit, counts: MarkCounts, *, items: int) -> Self:
        return cls(
            unit=unit.code,
            name=unit.name,
            name_en=unit.name_en,
            level=unit.level,
            division=unit.division_path.rpartition(".")[2],
            met=counts.met,
            not_met=counts.not_met,
            unmarked=max(0, items - counts.met - counts.not_met),
        )


class MarkIn(In):
    """What was found of an item, today by default. Write nobody's name or telephone number."""

    checklist: PlainText = Field(min_length=1, max_length=64)
    item: PlainText = Field(min_length=1, max_length=64)
    met: bool
    note: str = Field("", max_length=500)
    day: Day | None = None
