"""JSON of a wall's figures and of the duty leader."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.http.wire.shapes import In, Out
from console.duty.tables import DutyTurn
from ingest.reports.fields import PlainText

Name = Annotated[PlainText, StringConstraints(strip_whitespace=True, max_length=40)]


class DutyLeaderIn(In):
    """Duty leader from now on. An empty name: none."""

    name: Name
    post: Name = ""


class DutyLeaderOut(Out):
    """Duty leader of a division, with post and since when."""

    name: str
    post: str
    since: datetime

    @classmethod
    def of(cls, turn: DutyTurn) -> Self:
        return cls(name=turn.name, post=turn.post, since=turn.at)


class ReportedOut(Out):
    """Incidents reported since midnight, and up to the same time of earlier days; null where that is not known."""

    today: int | None
    yesterday: int | None
    last_week: int | None


class ArrivalsOut(Out):
    """Minutes from registration to the first arrival, of the `n` incidents reached in the last 24 hours."""

    n: int
    median_minutes: float | None
    p90_minutes: float | None


class WallOut(Out):
    """Figures of a wall, of the caller's division."""

    at: datetime
    reported: ReportedOut
    arrivals: ArrivalsOut
    leader: DutyLeaderOut | None = Field(description="Null where nobody is named.")
