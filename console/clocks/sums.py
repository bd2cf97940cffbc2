"""The sum of a clock as people read it: what was used, paused, extended and is left. Pure.

Amounts are whole minutes in a limit of hours, and hundredths of a day in one of days. Each line is the difference of
two rounded totals, so that the lines add up to `used`, and `used` and `left` to the limit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from console.clocks.calendar import DayKind
from console.clocks.rules import NaturalDays, Running, Schedule, limit_of, merged, scale_of, schedule_of, used_of
from console.clocks.terms import ClockUnit
from console.clocks.walking import DAY, MICROSECOND, MINUTE, WorkedTimes

HUNDREDTH = DAY // 100
MOST_DAYS = 400
"""Days of a span whose days off are listed."""


@dataclass(frozen=True, slots=True)
class Line:
    """A span of a clock: `ran` uses `amount`, `paused` leaves it out. `days_off` and `make_up` explain what counts."""

    kind: Literal["ran", "paused"]
    begin: datetime
    end: datetime
    amount: int
    reason: str = ""
    days_off: tuple[date, ...] = ()
    make_up: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockSum:
    """A clock's sum. `measure` says what amounts are in. `rolled_from` is the last day where it moved on as a day off,
    `first_day` the day after the start, from which days count.
    """

    measure: Literal["minute", "day_hundredth"]
    limit: int
    extended: int
    used: int
    left: int
    paused: int
    lines: tuple[Line, ...]
    due_at: datetime
    due_day: date
    first_day: date | None
    rolled_from: date | None
    unannounced: tuple[int, ...]


def sum_of(running: Running, times: WorkedTimes, *, until: datetime) -> ClockSum:
    """Return the sum of a clock until a moment: now, or when it stopped."""
    schedule = schedule_of(running, times, now=until)
    limit = round(limit_of(running, times) / _size(running))
    lines = tuple(_lines(running, times, until=until))
    used = sum(line.amount for line in lines if line.kind == "ran")
    is_hours = running.term.unit.is_hours
    return ClockSum(
        measure="minute" if is_hours else "day_hundredth",
        limit=limit,
        extended=limit - round(limit_of(replace(running, extended=0), times) / _size(running)),
        used=used,
        left=limit - used,
        paused=sum(line.amount for line in lines if line.kind == "paused"),
        lines=lines,
        due_at=schedule.due_at,
        due_day=schedule.due_day,
        first_day=None if is_hours else times.day(running.started_at) + timedelta(days=1),
        rolled_from=_rolled_from(running, times, schedule),
        unannounced=schedule.unannounced,
    )


def _size(running: Running) -> int:
    return MINUTE if running.term.unit.is_hours else HUNDREDTH


def _lines(running: Running, times: WorkedTimes, *, until: datetime) -> Iterator[Line]:
    """Yield the spans in their order."""
    at = running.started_at
    for pause in merged(running.pauses):
        if pause.begin >= until or (pause.end is not None and pause.end <= running.started_at):
            continue
        begin, end = max(pause.begin, running.started_at), min(pause.end or until, until)
        if begin > at:
            yield _ran(running, times, at, begin)
        yield _paused(running, times, begin, end, reason=pause.reason)
        at = end
    if until > at:
        yield _ran(running, times, at, until)


def _ran(running: Running, times: WorkedTimes, begin: datetime, end: datetime) -> Line:
    amount = _rounded(running, times, end) - _rounded(running, times, begin)
    return Line("ran", begin, end, amount, "", *_explained(running, times, begin, end))


def _rounded(running: Running, times: WorkedTimes, until: datetime) -> int:
    """Return what is used until a moment, in the measure of the sum: whole, so that differences add up."""
    return used_of(running, times, until=until) // _size(running)


def _paused(running: Running, times: WorkedTimes, begin: datetime, end: datetime, *, reason: str) -> Line:
    scale = scale_of(running, times)
    first = scale.begin(running.started_at)
    taken = max(0, scale.position(end) - max(first, scale.position(begin)))
    return Line("paused", begin, end, taken // _size(running), reason, *_explained(running, times, begin, end))


def _explained(
    running: Running, times: WorkedTimes, begin: datetime, end: datetime
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """Return the days off and the make-up days of a span, where its unit counts working time."""
    if running.term.unit not in (ClockUnit.WORKING_DAY, ClockUnit.WORKING_HOUR):
        return (), ()
    days = _days(times.day(begin), times.day(end - MICROSECOND))
    kinds = [(day, times.calendar.kind(day)) for day in days]
    off = tuple(day for day, kind in kinds if not kind.is_worked)
    return off, tuple(day for day, kind in kinds if kind is DayKind.MAKE_UP)


def _days(first: date, last: date) -> Sequence[date]:
    count = min((last - first).days + 1, MOST_DAYS)
    return [first + timedelta(days=i) for i in range(count)]


def _rolled_from(running: Running, times: WorkedTimes, schedule: Schedule) -> date | None:
    """Return the last day of a limit that moved on because it is a day off."""
    scale = scale_of(running, times)
    if not isinstance(scale, NaturalDays) or not running.term.rollover:
        return None
    fixed = replace(running, term=running.term.model_copy(update={"rollover": False}))
    last = schedule_of(fixed, times, now=schedule.due_at).due_day
    return last if last != schedule.due_day else None
