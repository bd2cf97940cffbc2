"""JSON of monthly lists and their entries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from api.http.wire.flow import NamedCodeOut
from api.http.wire.shapes import In, Out
from console.lists.queries import Row
from console.lists.terms import MonthlyList
from ingest.reports.fields import PlainText

Month = Annotated[str, Field(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$", description="A month, such as `2026-11`.")]
Words = Annotated[str, Field(max_length=2000)]


class MonthlyListOut(NamedCodeOut):
    """A list that is made each month, with the rules by which it takes incidents in."""

    rules: list[NamedCodeOut]
    answer_days: int


class MonthlyListsOut(Out):
    """The monthly lists of the place."""

    items: list[MonthlyListOut]

    @classmethod
    def told(cls, monthly: tuple[MonthlyList, ...]) -> Self:
        return cls(items=[MonthlyListOut.model_validate(one) for one in monthly])


class ListEntryOut(Out):
    """An entry of a monthly list. By rule it has an incident; by hand `rule` is empty.

    Whom an incident concerns is not kept: the case code leads to those who know.
    """

    id: int
    code: str = Field(description="The list's code.")
    month: str
    rule: str
    incident: int | None
    case_code: str | None
    category: str | None
    risk: str | None
    title: str
    note: str
    division_path: str
    stage: str | None = Field(description="The stage of the case; null by hand.")
    made_at: datetime
    made_by: str | None
    unit: str | None = Field(description="The unit that it was handed over to.")
    holder: str | None = Field(description="The unit that has its case now; null once it is answered.")
    answered_unit: str | None
    request: str
    handed_at: datetime | None
    answer_due_at: datetime | None
    late: bool
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None
    version: int

    @classmethod
    def told(cls, row: Row, *, names: Mapping[int, str], now: datetime) -> Self:
        entry, incident, case = row
        due_at = None if entry.answered_at else entry.answer_due_at
        return cls(
            **{name: getattr(entry, name) for name in OF_ENTRY},
            incident=entry.incident_id,
            case_code=incident and incident.case_code,
            category=incident and incident.category,
            risk=incident and incident.risk,
            title=incident.title if incident else entry.title,
            stage=case and case.stage,
            holder=case.unit if case and entry.answered_at is None else None,
            made_by=names.get(entry.made_by),
            answered_by=None if entry.answered_by is None else names.get(entry.answered_by),
            late=due_at is not None and due_at < now,
        )


OF_ENTRY = (
    "id", "code", "month", "rule", "note", "division_path", "made_at", "unit", "request", "handed_at", "answer_due_at",
    "answer", "answered_at", "answered_unit", "version",
)  # fmt: skip


class ListPageOut(Out):
    """A page of a month's entries, and how many stand where; `late` ones are among those `waiting`."""

    items: list[ListEntryOut]
    next: str | None
    counts: dict[Literal["new", "waiting", "late", "answered"], int]


class GatherIn(In):
    """The month whose incidents are to be taken in."""

    month: Month


class GatheredOut(Out):
    """How many entries are new."""

    added: int


class ListEntryIn(In):
    """An entry to add by hand. Write nobody's name or telephone number."""

    month: Month
    title: PlainText = Field(min_length=1, max_length=200)
    note: Words = ""
    division: str | None = Field(None, pattern=r"^\w{1,32}$", description="A division's code; one's own by default.")


class HandOverIn(In):
    """The unit that is to see to an entry, and what is asked of it."""

    unit: PlainText = Field(min_length=1, max_length=100)
    request: Words = ""


class ListAnswerIn(In):
    """The unit's answer."""

    answer: Annotated[str, Field(min_length=1, max_length=2000)]
