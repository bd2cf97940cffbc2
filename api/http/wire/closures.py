"""JSON of closures of roads."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.http.wire.shapes import In, Latitude, Longitude, Moment, Out
from console.closures.actions import ClosureWanted
from console.closures.rules import MOST_POINTS
from geo.travel import ModeName
from ingest.reports.fields import PlainText

Corner = tuple[Longitude, Latitude]
LonLat = Annotated[tuple[float, float], Field(description="Longitude and latitude in degrees, WGS-84.")]


class ClosureIn(In):
    """Roads to close: those that a polygon or a line of some width touches.

    Modes that are not named may pass: a market day closes roads to cars alone, a broken bridge to all.
    """

    drawn: Literal["polygon", "line"] = Field(description="What `points` are: corners of a polygon, or a line.")
    points: Annotated[list[Corner], Field(min_length=2, max_length=MOST_POINTS)] = Field(
        description="`[lon, lat]`, WGS-84. A polygon has three at least; its first may be its last again."
    )
    width_m: float = Field(20.0, ge=4, le=200, description="Width of a line in metres.")
    modes: Annotated[list[ModeName], Field(min_length=1, max_length=6)] = Field(description="To whom it is closed.")
    reason: PlainText = Field(min_length=1, max_length=200)
    starts_at: Moment | None = Field(None, description="Now if left out.")
    ends_at: Moment | None = Field(None, description="Until it is lifted if left out.")

    def wanted(self) -> ClosureWanted:
        points = tuple(self.points)
        return ClosureWanted(self.drawn, points, {*self.modes}, self.reason, self.width_m, self.starts_at, self.ends_at)


class ClosureOut(Out):
    """Roads that are closed to some modes, until `ends_at` or until it is lifted.

    `opener` is the account that closed them. Walls are told neither who nor why. `division_path` is that of the
    smallest division around it, at most that of who closed it: operators there and above may lift it.
    """

    id: int
    outline: list[LonLat] = Field(description="Its first point again at its end.")
    modes: list[ModeName]
    reason: str
    starts_at: datetime
    ends_at: datetime | None
    opened_at: datetime
    opened_by: int | None
    opener: str
    ended_at: datetime | None = Field(description="When it ended: lifted, or by itself with `lifted_by` null.")
    lifted_by: int | None
    division_path: str
    version: int
