"""Rules of rosters 值班: who is on duty when, shifts from a pattern, swaps, and gaps in minimum cover. Pure.

A shift is a half-open range of moments: one that ends at 06:00 and one that begins at 06:00 touch and do not overlap.
A shift over midnight belongs to the day on which it begins. The length of a shift is elapsed time.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from console.clocks.calendar import WorkingCalendar
from console.rosters.terms import Attendance, Cover, Pattern, span_of
from geo.errors import ErrorKind, MaplebridgeError
from geo.store import lies_within

LONGEST = timedelta(days=31)
LONGEST_LEAVE = timedelta(days=400)
MOST_DAYS, MOST_LAID_DAYS = 62, 400
"""Days that one request reads, and days that one pattern fills."""
ONE_DAY = timedelta(days=1)


class ShiftTimes(MaplebridgeError):
    """The end is not after the start, or too many days after it. `params`: `field`, `most_days`."""

    code = "roster.times"
    kind = ErrorKind.INVALID


class AnswerTime(MaplebridgeError):
    """A shift has an answer time, but is not on call. `params`: `field`."""

    code = "roster.answer_minutes"
    kind = ErrorKind.INVALID


class WhoUnknown(MaplebridgeError):
    """No such force, person or unit in the actor's division. `params`: `field`."""

    code = "roster.who"
    kind = ErrorKind.INVALID


class PlaceUnknown(MaplebridgeError):
    """No such unit or division in the actor's division. `params`: `field`."""

    code = "roster.place"
    kind = ErrorKind.INVALID


class ShiftOverlap(MaplebridgeError):
    """Another shift of the same force, person or unit overlaps. `params`: its `shift`, `starts_at`, `ends_at`."""

    code = "roster.overlap"
    kind = ErrorKind.CONFLICT


class OnLeave(MaplebridgeError):
    """A shift lies in a leave. `params`: `leave`, `starts_at`, `ends_at`."""

    code = "roster.on_leave"
    kind = ErrorKind.CONFLICT


class LeaveOverlap(MaplebridgeError):
    """Another leave of the same force or person overlaps."""

    code = "roster.leave_overlap"
    kind = ErrorKind.CONFLICT


class Cancelled(MaplebridgeError):
    """The shift or leave is cancelled. Make a new one."""

    code = "roster.cancelled"
    kind = ErrorKind.CONFLICT


class SwapOutside(MaplebridgeError):
    """The hours offered in a swap are not in the shift. `params`: `starts_at`, `ends_at` of the shift."""

    code = "roster.swap"
    kind = ErrorKind.CONFLICT


class SwapWith(MaplebridgeError):
    """A swap with oneself, or in return for a third person's shift. `params`: `field`."""

    code = "roster.swap_with"
    kind = ErrorKind.INVALID


class PatternUnknown(MaplebridgeError):
    """The pack has no pattern of this code. `params`: `field`, `pattern`."""

    code = "roster.pattern"
    kind = ErrorKind.INVALID


class PeriodTooLong(MaplebridgeError):
    """The last day is before the first, or too many days after it. `params`: `field`, `most_days`."""

    code = "roster.period"
    kind = ErrorKind.INVALID


class TooManyShifts(MaplebridgeError):
    """More shifts than one file holds. `params`: `field`, `most`."""

    code = "roster.too_many"
    kind = ErrorKind.INVALID


class WhoKind(StrEnum):
    """Kinds of what is on duty: a force, a person of the register, or a unit."""

    FORCE = "force"
    PERSON = "person"
    UNIT = "unit"


@dataclass(frozen=True, slots=True, order=True)
class Who:
    """A force, person or unit on a roster, by kind and id."""

    kind: WhoKind
    id: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of moments."""

    starts_at: datetime
    ends_at: datetime

    def touches(self, other: "Span") -> bool:
        """Return whether they have a moment in common."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def holds(self, other: "Span") -> bool:
        return self.starts_at <= other.starts_at and other.ends_at <= self.ends_at

    def minus(self, others: Collection["Span"]) -> list["Span"]:
        """Return what is left without the others."""
        left, rest = [], self.starts_at
        for other in sorted(other for other in others if self.touches(other)):
            if rest < other.starts_at:
                left.append(Span(rest, other.starts_at))
            rest = max(rest, other.ends_at)
        if rest < self.ends_at:
            left.append(Span(rest, self.ends_at))
        return left


@dataclass(frozen=True, slots=True)
class NewShift:
    """A shift to write. `unit` is where it is served; `division` a division's path instead; neither: the own one."""

    who: Who
    attendance: Attendance
    span: Span
    unit: str | None = None
    division: str | None = None
    answer_minutes: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """A shift, or the part of it outside leave. `division_path` is where."""

    who: Who
    attendance: Attendance
    span: Span
    division_path: str


@dataclass(frozen=True, slots=True)
class Skills:
    """What counts for cover: the kind of a force, the titles of a person's posts, and specialities."""

    kind: str = ""
    titles: frozenset[str] = frozenset()
    specialities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Gap:
    """A range in which fewer than `least` are at work in a division; `held` is the fewest there."""

    cover: str
    division_path: str
    span: Span
    least: int
    held: int


@dataclass(frozen=True, slots=True)
class LaidShift:
    """A shift that a pattern lays. `assumed`: the calendar of its year is not published."""

    id: UUID
    who: Who
    span: Span
    assumed: bool


def check_span(span: Span, *, longest: timedelta = LONGEST) -> None:
    """Raise `ShiftTimes` for a range that is empty, backwards or too long."""
    if span.ends_at <= span.starts_at or span.ends_at - span.starts_at > longest:
        raise ShiftTimes(field="ends_at", most_days=longest.days)


def check_shift(new: NewShift) -> None:
    """Raise `ShiftTimes` or `AnswerTime`."""
    check_span(new.span)
    if new.answer_minutes is not None and new.attendance != "on_call":
        raise AnswerTime(field="answer_minutes")


def check_days(first: date, last: date, *, most: int) -> None:
    """Raise `PeriodTooLong` unless the days are in order and few enough."""
    if not 0 <= (last - first).days < most:
        raise PeriodTooLong(field="to", most_days=most)


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from the first to the last."""
    for number in range((last - first).days + 1):
        yield first + number * ONE_DAY


def lay(
    pattern: Pattern, whos: Sequence[Who], first: date, last: date, *, calendar: WorkingCalendar, zone: ZoneInfo
) -> list[LaidShift]:
    """Return the shifts of a pattern from the first to the last day, in order of their begin.

    By day, the first of `whos` has the first day of the pattern, and so on; by week, the ISO week of the first day.
    An id follows from pattern, who and begin: the same again has the same ids.
    """
    days = [day for day in days_between(first, last) if pattern.include(day, calendar)]
    return [
        _laid(pattern, who, Span(*(at.astimezone(UTC) for at in span_of(day, hours, zone))), day, calendar)
        for number, day in enumerate(days)
        for who in _in_turn(pattern, whos, number, week=_weeks_between(first, day))
        for hours in pattern.hours
    ]


def _laid(pattern: Pattern, who: Who, span: Span, day: date, calendar: WorkingCalendar) -> LaidShift:
    name = f"roster:{pattern.code}:{who.kind}:{who.id}:{span.starts_at.isoformat()}"
    return LaidShift(uuid5(NAMESPACE_URL, name), who, span, assumed=not calendar.is_announced(day))


def _in_turn(pattern: Pattern, whos: Sequence[Who], number: int, *, week: int) -> Sequence[Who]:
    if pattern.turn == "none" or not whos:
        return whos
    return [whos[(number if pattern.turn == "day" else week) % len(whos)]]


def _weeks_between(first: date, day: date) -> int:
    return (day.toordinal() - 1) // 7 - (first.toordinal() - 1) // 7


def serve(shifts: Collection[Served], leaves: Mapping[Who, Collection[Span]]) -> list[Served]:
    """Return the shifts without the hours of leave."""
    return [replace(shift, span=span) for shift in shifts for span in shift.span.minus(leaves.get(shift.who, ()))]


def counts_for(cover: Cover, served: Served, skills: Skills) -> bool:
    """Return whether a shift counts for minimum cover. A unit's never does: its number of people is unknown."""
    if served.who.kind is WhoKind.UNIT or (cover.attendance and served.attendance not in cover.attendance):
        return False
    if cover.speciality and not {cover.speciality, cover.speciality.partition(".")[0]} & skills.specialities:
        return False
    return not (cover.kinds or cover.titles) or skills.kind in cover.kinds or bool(skills.titles & {*cover.titles})


def find_gaps(
    cover: Cover,
    division_path: str,
    served: Collection[Served],
    skills: Mapping[Who, Skills],
    days: tuple[date, date],
    *,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
) -> list[Gap]:
    """List the ranges in which a division is below minimum cover, from the first day to the last, in order.

    A person with two shifts at once counts once.
    """
    counted = [
        one
        for one in served
        if lies_within(one.division_path, division_path) and counts_for(cover, one, skills.get(one.who, Skills()))
    ]
    found: list[Gap] = []
    for span in _wanted(cover, days, calendar=calendar, zone=zone):
        inside = [one for one in counted if one.span.touches(span)]
        edges = {span.starts_at, span.ends_at}
        edges |= {at for one in inside for at in (one.span.starts_at, one.span.ends_at)}
        for begin, end in pairwise(sorted(at for at in edges if span.starts_at <= at <= span.ends_at)):
            held = len({one.who for one in inside if one.span.starts_at <= begin < one.span.ends_at})
            if held < cover.least:
                found.append(Gap(cover.code, division_path, Span(begin, end), cover.least, held))
    return _joined(found)


def _wanted(cover: Cover, days: tuple[date, date], *, calendar: WorkingCalendar, zone: ZoneInfo) -> Iterator[Span]:
    for day in days_between(*days):
        if cover.include(day, calendar):
            for hours in cover.hours:
                begin, end = span_of(day, hours, zone)
                yield Span(begin.astimezone(UTC), end.astimezone(UTC))


def _joined(gaps: Sequence[Gap]) -> list[Gap]:
    """Join gaps that touch and have equal numbers."""
    joined: list[Gap] = []
    for gap in sorted(gaps, key=lambda gap: gap.span):
        before = joined[-1] if joined else None
        if before is not None and before.span.ends_at == gap.span.starts_at and before.held == gap.held:
            joined[-1] = replace(before, span=Span(before.span.starts_at, gap.span.ends_at))
        else:
            joined.append(gap)
    return joined
