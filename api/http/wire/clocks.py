"""JSON of the clocks of a case, with their sums."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.http.wire.flow import NamesOut
from api.http.wire.shapes import Out


class ClockSourceOut(Out):
    """What a limit rests on: an article of a law, or a local rule."""

    kind: Literal["law", "rule"]
    cite: str
    names: NamesOut


class ClockLineOut(Out):
    """A span of a clock: `ran` uses `amount`, `paused` leaves it out. `days_off` and `make_up` lie within it."""

    kind: Literal["ran", "paused"]
    begin: datetime
    end: datetime
    amount: int
    reason: str = Field(description="Of a pause.")
    days_off: list[date]
    make_up: list[date]


class ClockSumOut(Out):
    """The sum of a clock: its lines that ran make `used`, and `used` and `left` the limit with what was extended.

    `first_day` is the day from which days count; `rolled_from` the last day where it moved on, as a day off.
    """

    measure: Literal["minute", "day_hundredth"] = Field(description="What amounts are in.")
    limit: int
    extended: int
    used: int
    left: int = Field(description="Below zero once it is over.")
    paused: int
    lines: list[ClockLineOut]
    first_day: date | None
    rolled_from: date | None
    unannounced: list[int] = Field(description="Years whose calendar is not announced yet.")


class ClockOut(Out):
    """A running clock. `kind` is the limit's code in the flow, `clock` the clock's own."""

    kind: str
    clock: str
    names: NamesOut | None
    source: ClockSourceOut | None
    statutory: bool
    unit: str | None = Field(description="The unit that it binds; null for the case as a whole.")
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    paused_at: datetime | None
    provisional: bool = Field(description="A calendar that it runs into is not announced yet: the date may move.")
    late: bool
    sum: ClockSumOut
