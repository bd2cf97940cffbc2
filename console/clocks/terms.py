"""Terms of clocks 时限: limits with unit, warnings and source, and the hours in which units work."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from geo.terms import AtLeastOne, Code, Coded, Names, Part, Text, bad_value

DAY_MINUTES = 24 * 60
Amount = Annotated[int, Field(ge=1, le=3_660)]
"""Amount of a limit: ten years of days at most."""


class ClockUnit(StrEnum):
    """Units of a limit: 工作日, 自然日, 工作时, 紧急工作时 (by day and night, days off included), 月."""

    WORKING_DAY = "working_day"
    NATURAL_DAY = "natural_day"
    WORKING_HOUR = "working_hour"
    URGENT_HOUR = "urgent_hour"
    MONTH = "month"

    @property
    def is_hours(self) -> bool:
        """Return whether it runs from the moment of the start. Days and months run from the day after it."""
        return self in (ClockUnit.WORKING_HOUR, ClockUnit.URGENT_HOUR)


def minute_of(text: str) -> int:
    """Return the minute of the day of `09:30`; `24:00` is 1440."""
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def edges_of(spans: tuple[str, ...]) -> list[int]:
    """Return where spans such as `09:00-12:00` begin and end, in minutes of the day."""
    return [minute_of(part) for span in spans for part in span.split("-")]


def _in_order(spans: tuple[str, ...]) -> tuple[str, ...]:
    edges = edges_of(spans)
    if edges != sorted(set(edges)):
        raise bad_value("hours of a day stand in their order and apart from each other")
    return spans


Span = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Spans = Annotated[tuple[Span, ...], AfterValidator(_in_order)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(Coded):
    """Hours 办公时间 of a kind of units.

    `working` are those of a working day, `week` those of single weekdays where they differ (also of a Saturday or
    Sunday that is no working day), `holidays` those of days off by the State Council's notice. `make_up` is false for
    units that do not work on 补班日, as banks. `days_off` and `days_worked` are the units' own.
    """

    working: Annotated[Spans, Field(min_length=1)]
    week: Mapping[Weekday, Spans] = Field(default_factory=dict)
    holidays: Spans = ()
    make_up: bool = True
    days_off: tuple[date, ...] = ()
    days_worked: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _some_weekday(self) -> Self:
        if not any(self.week.get(day, self.working) for day in WEEKDAYS[:5]):
            raise bad_value("no weekday has any hours: a limit in working time would never end")
        return self


Recipient = Literal["owner", "first_receiver", "coordinator", "above", "leader"]
"""Recipients of a notice, by what they are to the case."""


class Threshold(Part):
    """A moment of a clock that gives notice: after a `share` of the limit, or an `amount` of a `unit` before or after
    it is due. Before the due time, days mean the morning of that day.
    """

    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    amount: Amount | None = None
    unit: Literal["working_day", "natural_day", "working_hour", "urgent_hour"] | None = None
    to: tuple[Recipient, ...] = Field(("owner",), min_length=1)

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.share is None) == (self.amount is None) or (self.amount is None) != (self.unit is None):
            raise bad_value("either a share, or an amount with its unit")
        return self


class Extension(Part):
    """How often a limit may be extended 延期, and by how much at most in all, in its own unit."""

    most: Amount
    times: AtLeastOne = 1


class Source(Part):
    """What a limit rests on: the article of a law, or a local rule. `names` say it on screens."""

    kind: Literal["law", "rule"]
    cite: Text
    names: Names


class ClockTerm(Coded):
    """A limit that a pack sets.

    `rollover`: a last day that is a day off moves to the next working day (Civil Code art. 203). `starts`: at the door
    (registration), when its stage begins, or when the case is handed over. `hours` names the hours in which it runs and
    at whose end its last day closes; without, the owner's unit says, and else a day ends at 24:00. A statutory limit is
    never edited, and is extended only as its own `extension` allows.
    """

    amount: Amount
    unit: ClockUnit
    starts: Literal["door", "stage", "hand_over"]
    source: Source
    rollover: bool = True
    hours: Code | None = None
    warn: tuple[Threshold, ...] = ()
    due_to: tuple[Recipient, ...] = Field(("owner",), min_length=1)
    late: tuple[Threshold, ...] = ()
    pausable: bool = False
    extension: Extension | None = None
    statutory: bool = False
    urgent: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if any(moment.share is not None for moment in self.late):
            raise bad_value("late is an amount with its unit: a share of the limit is over by then")
        if self.statutory and self.source.kind != "law":
            raise bad_value("a statutory limit has a law as its source")
        return self


class ClockTerms(Part):
    """`[clocks]` of a pack: limits, and the hours of its units."""

    hours: tuple[Hours, ...] = ()
    limits: tuple[ClockTerm, ...] = ()

    @cached_property
    def hours_by_code(self) -> Mapping[str, Hours]:
        return {hours.code: hours for hours in self.hours}

    @cached_property
    def limit_by_code(self) -> Mapping[str, ClockTerm]:
        return {limit.code: limit for limit in self.limits}

    def hours_of(self, limit: ClockTerm, *, of_unit: str | None = None) -> Hours | None:
        """Return the hours of a limit: its own, or those of the unit that handles the case if it has any."""
        if limit.hours:
            return self.hours_by_code[limit.hours]
        return self.hours_by_code.get(of_unit) if of_unit else None
