"""JSON of the follow-up of ended cases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from api.http.wire.shapes import Out
from console.cases.tables import Case, CaseFollowUp
from console.follow_ups.queries import DrawFigures, ListName
from console.incidents.tables import Incident

Satisfied = Literal["yes", "partly", "no"]


class CaseDrawOut(Out):
    """How a case was drawn: the `number`th of its draw that ended in the month. Null where somebody asked undrawn."""

    draw: str = Field(description="Code of the draw in the flow; empty for the default.")
    period: str = Field(description="The month in which it ended, such as `2026-11`.")
    share: str = Field(description="The share asked, as a fraction.")
    number: int | None = Field(description="Null for accounts of a part of the place.")


class FollowUpItemOut(Out):
    """The follow-up of a case, in lists.

    No name and no telephone number of the reporter is kept: `source` and `external_no` lead to those who have them.
    """

    id: int = Field(description="The incident's id.")
    case_code: str
    source: str
    external_no: str | None
    category: str
    risk: str
    title: str
    address: str
    division: str | None
    division_path: str
    flow: str
    stage: str
    lane: str
    level: str
    unit: str = Field(description="The unit that is responsible now.")
    asked_about: str = Field(description="The unit that had the case when it was drawn or last asked about.")
    outcome: str | None
    registered_at: datetime
    ended_at: datetime | None
    due_limit: str | None
    case_due_at: datetime | None = Field(description="When its next limit runs out, while it goes on.")
    standing: Literal["not_drawn", "due", "mending", "again", "satisfied", "dissatisfied", "unreached", "refused"]
    due_at: datetime | None = Field(description="When to ask.")
    ask_by: datetime | None
    tries: int
    way: str | None
    answers: dict[str, str] = Field(description="The last answers, by aspect.")
    note: str
    satisfied: Satisfied | None
    asked_at: datetime | None
    asked_by: str | None
    dissatisfied_at: datetime | None
    dissatisfied_times: int
    mended_at: datetime | None
    drawn: CaseDrawOut | None
    version: int = Field(description="The case's version.")

    @classmethod
    def told(
        cls, row: CaseFollowUp, case: Case, incident: Incident, *, names: Mapping[int, str], numbered: bool
    ) -> Self:
        """Build it from rows. `numbered`: the number of the draw may be shown."""
        drawn = CaseDrawOut(draw=row.draw, period=row.period, share=row.share, number=row.number if numbered else None)
        return cls(
            **{name: getattr(incident, name) for name in OF_INCIDENT},
            **{name: getattr(case, name) for name in OF_CASE},
            **{name: getattr(row, name) for name in OF_ROW},
            division=incident.village_code,
            asked_about=row.unit,
            case_due_at=case.due_at,
            asked_by=None if row.asked_by is None else names.get(row.asked_by),
            drawn=drawn if row.period else None,
        )


OF_INCIDENT = (
    "id", "case_code", "source", "external_no", "category", "risk", "title", "address", "division_path",
    "registered_at",
)  # fmt: skip
OF_CASE = ("flow", "stage", "lane", "level", "unit", "outcome", "ended_at", "due_limit", "version")
OF_ROW = (
    "standing", "due_at", "ask_by", "tries", "way", "answers", "note", "satisfied", "asked_at", "dissatisfied_at",
    "dissatisfied_times", "mended_at",
)  # fmt: skip


class DrawFiguresOut(Out):
    """What became of the cases of one draw that ended in a month: of `ended`, `drawn` were to be asked.

    Of these `reached` have answered (`satisfied`, `partly`, `dissatisfied`) or `refused` to. A person who was
    dissatisfied and refuses when asked once more counts as both. `undrawn` were heard without being drawn: they called
    themselves, or were asked besides.
    """

    draw: str
    share: str
    ended: int
    drawn: int
    reached: int
    satisfied: int
    partly: int
    dissatisfied: int
    refused: int
    unreached: int
    undrawn: int


class FollowUpFiguresOut(Out):
    """How many follow-ups stand on each list, within reach; and what became of the draws of a month."""

    due: int
    late: int = Field(description="Of those due, the time to ask has run out.")
    coming: int
    dissatisfied: int
    mended: int
    asked: int
    unreached: int
    refused: int
    period: str
    draws: list[DrawFiguresOut]

    @classmethod
    def told(cls, counts: Mapping[ListName, int], draws: list[DrawFigures], *, late: int, period: str) -> Self:
        told = [DrawFiguresOut.model_validate(one) for one in draws]
        return cls(**{str(name): count for name, count in counts.items()}, late=late, period=period, draws=told)
