"""Spans of days, figures and how they are put together. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from geo.errors import ErrorKind, MaplebridgeError

By = Literal["division", "grid", "level", "unit", "category", "source"]
"""What an indicator is divided by; `division`: the next ones below the scope, `grid`: all grids in it."""
PLACES = ("division", "grid")
"""By places; their keys are paths."""
FEW = 5
"""A share of fewer cases is chance: it is shown as a count."""
MONTHS = 13
"""So many months are shown, the last of which is that of the span's last day."""
DAY = timedelta(days=1)


class SpanTooLong(MaplebridgeError):
    """The days asked for are in the wrong order, or too many. `params`: `most`, in days."""

    code = "indicator.span"
    kind = ErrorKind.INVALID


MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last, both included, in the place's time zone."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.last + DAY, time(), self.zone)

    def days(self) -> Iterable[date]:
        """Return each day."""
        return (self.first + DAY * i for i in range((self.last - self.first).days + 1))


def span_of(first: date | None, last: date | None, *, today: date, zone: ZoneInfo) -> Span:
    """Return the span asked for: by default this year until today. Raises `SpanTooLong`."""
    last = last or max(today, first or today)
    first = first or date(last.year, 1, 1)
    if first > last or (last - first).days >= MOST_DAYS:
        raise SpanTooLong(most=MOST_DAYS)
    return Span(first, last, zone)


RECORD_BEGINS_WITHIN = timedelta(days=7)
"""The first case of a record may come so long after the day on which it was begun."""


def is_on_record(span: Span, begins: datetime | None) -> bool:
    """Whether a record that begins at this moment covers the whole span: else what it counts there is too little."""
    return begins is not None and begins.astimezone(span.zone).date() <= span.first + RECORD_BEGINS_WITHIN


def year_before(span: Span) -> Span:
    """Return the same days of the year before 同比. A span that ends with February does so in a leap year, too."""
    ends_february = (span.last + DAY).day == 1
    last = _year_back(span.last + DAY) - DAY if ends_february else _year_back(span.last)
    return Span(min(_year_back(span.first), last), last, span.zone)


def span_before(span: Span) -> Span:
    """Return as many days just before 环比; of whole months, as many whole months."""
    last = span.first - DAY
    if span.first.day == 1 and (span.last + DAY).day == 1:
        months = (span.last.year - span.first.year) * 12 + span.last.month - span.first.month + 1
        return Span(_months_back(span.first, months), last, span.zone)
    return Span(span.first - (span.last - span.first) - DAY, last, span.zone)


def months_until(span: Span) -> list[Span]:
    """Return the last months as spans, the earliest first; the last one ends with the span."""
    this = span.last.replace(day=1)
    firsts = [_months_back(this, back) for back in reversed(range(MONTHS))]
    lasts = [*(first - DAY for first in firsts[1:]), span.last]
    return [Span(first, last, span.zone) for first, last in zip(firsts, lasts, strict=True)]


def _year_back(day: date) -> date:
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def _months_back(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of an indicator. `numerator` of `denominator` cases; `entire` is the wider number that they are part of.

    Of a time, the numerator is how many have ended, and `median` and `ninth` are hours: None where so many are still
    open that nobody knows.
    """

    numerator: int
    denominator: int
    entire: int | None = None
    median: float | None = None
    ninth: float | None = None

    def __add__(self, other: "Figure") -> "Figure":
        """Add counts. Medians of parts do not add up to that of the whole."""
        entire = None if self.entire is None else self.entire + (other.entire or 0)
        return Figure(self.numerator + other.numerator, self.denominator + other.denominator, entire)

    @property
    def rate(self) -> float | None:
        """The share; None of none."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def few(self) -> bool:
        """Whether there are too few cases for a share, a median or a comparison."""
        return self.denominator < FEW


NOTHING = Figure(0, 0)


def summed(figures: Sequence[Figure]) -> Figure:
    """Add figures up."""
    total = Figure(0, 0, 0 if figures and figures[0].entire is not None else None)
    for one in figures:
        total += one
    return total
