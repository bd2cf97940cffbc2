"""JSON of statistics by division."""

from datetime import date

from pydantic import Field

from api.http.wire.plans import FiguresOut
from api.http.wire.shapes import Out


class DivisionFiguresOut(Out):
    """Figures of a division. `error`: by how much `households` and `enterprises` may be wrong at most, where these were
    carried over by area from the lines on which they were counted; 0 where they are exact.
    """

    code: str
    name: str
    figures: FiguresOut
    error: dict[str, int]


class StatisticsOut(Out):
    """Figures by division of a level, on the lines of a day. The sum over the items is `total`.

    `masked`: incidents and homes are counted at their masked places, since the account may not read them.
    """

    by: str
    lines: date = Field(description="The day whose lines these are.")
    months: int
    masked: bool
    total: FiguresOut
    items: list[DivisionFiguresOut]
