"""JSON of the board 督办: figures with the cases behind them, and circulars."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from api.http.wire.cases import CaseItemOut
from api.http.wire.shapes import Id, In, Out
from console.board.rules import By, Standing
from ingest.reports.fields import PlainText

MOST_CIRCULATED = 200


class BoardFigureOut(Out):
    """A number of cases, and the address of the list of them."""

    count: int
    cases: str = Field(description="Relative to the server's root; answers with as many cases, page by page.")


class BoardClocksOut(Out):
    """Cases that are late or near by one kind of clocks alone."""

    late: BoardFigureOut
    near: BoardFigureOut


class BoardCellOut(Out):
    """Figures of one unit, level, stage or division, or of all.

    `late`, `near`, `paused` and `in_time` add up to `open`. A case can count under both kinds of clocks.
    """

    key: str | None = Field(description="The unit's, level's, stage's or division's code; null for all.")
    name: str | None = Field(description="The name of a unit or division; levels and stages have that of the flow.")
    open: BoardFigureOut
    late: BoardFigureOut = Field(description="A running clock is past its due time.")
    near: BoardFigureOut = Field(description="None is, and one is past its warning, or in the last quarter.")
    paused: BoardFigureOut = Field(description="Neither, and the case is paused.")
    in_time: BoardFigureOut
    run_out: BoardFigureOut = Field(
        description="The case is paused, and was expected to go on by now. It counts under one of the four as well."
    )
    statutory: BoardClocksOut
    local: BoardClocksOut


class BoardOut(Out):
    """The running cases of a division at a moment, by what was asked for, the worst first."""

    at: datetime
    scope: str = Field(description="The division's code.")
    by: By
    total: BoardCellOut
    items: list[BoardCellOut]


class BoardWeekOut(Out):
    """Cases that closed in a week with a limit running, and those of them that closed within it.

    A case that was opened again counts where it closed last; a merged one counts nowhere.
    """

    monday: date
    closed: int
    on_time: int
    cases: str = Field(description="Address of the list of them, the late ones first; relative to the server's root.")
    goes_on: bool = Field(description="Whether the week is not over yet.")


class BoardTrendOut(Out):
    """How many cases of a division closed on time in each of the last weeks, the earliest first."""

    at: datetime
    scope: str = Field(description="The division's code.")
    weeks: list[BoardWeekOut]


class UrgedOut(Out):
    """The last urging of a unit for a case: when, which unit, until when it is to answer, and what it answered."""

    notice: int
    at: datetime
    unit: str | None
    answer_due_at: datetime | None
    answered_at: datetime | None
    answer: str | None


class BoardCaseOut(CaseItemOut):
    """A case on the board. `due_limit` and `due_at` are of the running clock that is due first, of the kind asked for.

    `urgings` are the last ones of the units that have it, are handed it or are called to it, the latest first. Of a
    closed case the limit is that which was due first of those that ran until then, and `standing` says whether it
    closed `late` or `in_time`.
    """

    standing: Standing
    limit_unit: str | None = Field(None, description="The called unit that this limit binds; null for the case itself.")
    limit_unit_name: str | None = None
    statutory: bool = Field(description="Whether that clock is set by a law.")
    unit_name: str
    address: str
    lon: float | None
    lat: float | None
    urgings: list[UrgedOut]


class BoardPage(Out):
    """A page of cases, the first due first, as they stood `at`."""

    items: list[BoardCaseOut]
    at: datetime
    next: str | None = None


class CircularIn(In):
    """Cases to circulate 通报, and the reason."""

    incidents: Annotated[list[Id], Field(min_length=1, max_length=MOST_CIRCULATED)]
    note: PlainText = Field(min_length=1, max_length=2000, description="Written into each case's timeline.")


class CircularOut(Out):
    """A circular that was given: the unit whose cases it names, whom it went to, and the cases."""

    unit: str
    unit_name: str
    to: list[str]
    incidents: list[int]


class CircularsOut(Out):
    """The circulars that were given, one for each unit."""

    items: list[CircularOut]
