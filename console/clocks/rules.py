"""Decide when a clock is due, what of it is used, and what it gives notice of. Pure.

A pause is kept as two moments. What it takes away is the clock's own time between them, in the clock's own unit, so
that used + left = limit whatever was paused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from console.clocks.calendar import local_day
from console.clocks.terms import ClockTerm, ClockUnit, Hours, Threshold
from console.clocks.walking import DAY, FIRST, HOUR, MICROSECOND, WorkedTime, WorkedTimes, index_of
from geo.errors import ErrorKind, MaplebridgeError

EPOCH = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


class NotPausable(MaplebridgeError):
    """The limit does not allow a pause 挂账. `params`: `clock`."""

    code = "clock.not_pausable"
    kind = ErrorKind.CONFLICT


class StatutoryClock(MaplebridgeError):
    """A statutory limit cannot be edited. `params`: `clock`."""

    code = "clock.statutory"
    kind = ErrorKind.CONFLICT


class NotExtendable(MaplebridgeError):
    """The limit does not allow this extension. `params`: `clock`, `most` that is left, in the clock's unit."""

    code = "clock.not_extendable"
    kind = ErrorKind.CONFLICT


class ClockEnded(MaplebridgeError):
    """The clock has stopped. `params`: `clock`."""

    code = "clock.ended"
    kind = ErrorKind.CONFLICT


class ClockUnknown(MaplebridgeError):
    """The pack has no such clock, or the case none that runs. `params`: `clock`."""

    code = "clock.unknown"
    kind = ErrorKind.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause by its two moments; without the second it goes on."""

    begin: datetime
    end: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a clock that gives notice: `warn.1`, `due`, `late.1`."""

    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Running:
    """All that a clock's dates follow from: its term, start, extension, pauses, and the hours in which it runs."""

    term: ClockTerm
    started_at: datetime
    hours: Hours | None = None
    extended: int = 0
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a clock is due, on which day, what it gives notice of, and the years without a notice that it runs into."""

    due_at: datetime
    due_day: date
    moments: tuple[Moment, ...]
    last_day: date
    unannounced: tuple[int, ...] = ()

    @property
    def warn_at(self) -> datetime | None:
        """Return the time of the first warning."""
        return next((moment.at for moment in self.moments if moment.code.startswith("warn")), None)


class Scale(Protocol):
    """Time in one unit. Positions are whole numbers that only grow."""

    def position(self, moment: datetime) -> int:
        """Return the position of a moment."""

    def begin(self, started_at: datetime) -> int:
        """Return the position from which a limit counts."""

    def end(self, position: int) -> tuple[datetime, date]:
        """Return when a limit that ends at a position is due, and on which day."""

    def resume(self, position: int) -> datetime:
        """Return the last moment at a position."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """工作时: hours worked, from the moment of the start."""

    time: WorkedTime

    def position(self, moment: datetime) -> int:
        return self.time.position(moment)

    def begin(self, started_at: datetime) -> int:
        return self.time.position(started_at)

    def end(self, position: int) -> tuple[datetime, date]:
        due_at = self.time.reach(position)
        return due_at, _day_of_end(self.time, due_at)

    def resume(self, position: int) -> datetime:
        return self.time.resume(position)


@dataclass(frozen=True, slots=True)
class UrgentHours:
    """紧急工作时: hours by day and night, on days off as well."""

    time: WorkedTime

    def position(self, moment: datetime) -> int:
        return (moment - EPOCH) // MICROSECOND

    def begin(self, started_at: datetime) -> int:
        return self.position(started_at)

    def end(self, position: int) -> tuple[datetime, date]:
        due_at = self.resume(position)
        return due_at, _day_of_end(self.time, due_at)

    def resume(self, position: int) -> datetime:
        return EPOCH + position * MICROSECOND


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """工作日: the day of the start does not count; the last one ends at the close of business."""

    time: WorkedTime
    closes: bool

    def position(self, moment: datetime) -> int:
        return self.time.day_position(moment)

    def begin(self, started_at: datetime) -> int:
        return self.time.end_of(local_day(started_at, self.time.zone))

    def end(self, position: int) -> tuple[datetime, date]:
        day = self.time.working_day(-(-position // DAY))
        return _close(self.time, day, closes=self.closes), day

    def resume(self, position: int) -> datetime:
        whole, part = divmod(position, DAY)
        day = self.time.working_day(whole + 1)
        worked = self.time.day(day)
        left = part * (worked.length or DAY) // DAY
        return self.time.resume(self.time.position(self.time.opening(day)) + left)


@dataclass(frozen=True, slots=True)
class NaturalDays:
    """自然日 and months: every day counts but that of the start; a last day off moves on if `rolls`."""

    time: WorkedTime
    closes: bool
    rolls: bool

    def position(self, moment: datetime) -> int:
        day = local_day(moment, self.time.zone)
        return index_of(day) * DAY + (moment - self.time.at(day, 0)) // MICROSECOND

    def begin(self, started_at: datetime) -> int:
        return (index_of(local_day(started_at, self.time.zone)) + 1) * DAY

    def end(self, position: int) -> tuple[datetime, date]:
        day = self.last_day(position)
        if self.rolls:
            day = self.time.next_working(day)
        return _close(self.time, day, closes=self.closes), day

    def last_day(self, position: int) -> date:
        """Return the last day before it moves on."""
        return FIRST + timedelta(days=-(-position // DAY) - 1)

    def resume(self, position: int) -> datetime:
        whole, part = divmod(position, DAY)
        return self.time.at(FIRST + timedelta(days=whole), part)


def scale_of(running: Running, times: WorkedTimes) -> Scale:
    """Return the time in which a clock runs."""
    time, term, closes = times.of(running.hours), running.term, running.hours is not None
    match term.unit:
        case ClockUnit.WORKING_HOUR:
            return WorkingHours(time)
        case ClockUnit.URGENT_HOUR:
            return UrgentHours(time)
        case ClockUnit.WORKING_DAY:
            return WorkingDays(time, closes=closes)
        case ClockUnit.NATURAL_DAY | ClockUnit.MONTH:
            return NaturalDays(time, closes=closes, rolls=term.rollover)


def limit_of(running: Running, times: WorkedTimes) -> int:
    """Return the limit with its extensions, as a length of the clock's scale."""
    amount = running.term.amount + running.extended
    if running.term.unit is ClockUnit.MONTH:
        start = times.day(running.started_at)
        return (months_after(start, amount) - start).days * DAY
    return amount * (HOUR if running.term.unit.is_hours else DAY)


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of its month where there is none."""
    year, month = divmod(day.month - 1 + months, 12)
    after = date(day.year + year, month + 1, 1)
    next_month = (after + timedelta(days=31)).replace(day=1)
    return min(after + timedelta(days=day.day - 1), next_month - timedelta(days=1))


def merged(pauses: Iterable[Pause]) -> list[Pause]:
    """Return pauses in order, those that overlap or touch as one, and empty ones left out."""
    found: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.begin):
        last = found[-1] if found else None
        if pause.end is not None and pause.end <= pause.begin:
            continue
        if last is None or (last.end is not None and pause.begin > last.end):
            found.append(pause)
        elif last.end is not None:
            end = None if pause.end is None else max(last.end, pause.end)
            found[-1] = Pause(last.begin, end, last.reason)
    return found


def used_of(running: Running, times: WorkedTimes, *, until: datetime) -> int:
    """Return what a clock has used until a moment, as a length of its scale."""
    scale = scale_of(running, times)
    begin = scale.begin(running.started_at)
    used = max(0, scale.position(until) - begin)
    for pause in merged(running.pauses):
        first, last = pause.begin, min(pause.end or until, until)
        used -= max(0, scale.position(last) - max(begin, scale.position(first))) if first < last else 0
    return used


def _end_of(running: Running, times: WorkedTimes, limit: int, *, now: datetime) -> int:
    """Return the position at which a length is used up; a pause that goes on is taken to end now.

    A pause that begins after the length is used up moves nothing, but one before the last day closes does.
    """
    scale = scale_of(running, times)
    begin = scale.begin(running.started_at)
    end = begin + limit
    for pause in merged(running.pauses):
        first, last = scale.position(pause.begin), scale.position(pause.end or max(now, pause.begin))
        if pause.begin >= scale.end(end)[0]:
            break
        end = max(end, last) if first >= end else end + max(0, last - max(begin, first))
    return end


def schedule_of(running: Running, times: WorkedTimes, *, now: datetime) -> Schedule:
    """Return when a clock is due and what it gives notice of, by all that was paused and extended until now."""
    scale = scale_of(running, times)
    due_at, due_day = scale.end(_end_of(running, times, limit_of(running, times), now=now))
    moments = [*_warnings(running, times, due_at=due_at, due_day=due_day, now=now), Moment("due", due_at)]
    moments += _late(running, times, due_at=due_at, due_day=due_day)
    last_day = max(due_day, times.day(moments[-1].at - MICROSECOND))
    return Schedule(due_at, due_day, tuple(moments), last_day, _unannounced(running, times, last=due_day))


def _unannounced(running: Running, times: WorkedTimes, *, last: date) -> tuple[int, ...]:
    """Return the years without a notice that a due time rests on: urgent hours rest on no calendar."""
    by_calendar = running.term.unit is not ClockUnit.URGENT_HOUR
    if running.term.unit in (ClockUnit.NATURAL_DAY, ClockUnit.MONTH):
        by_calendar = running.term.rollover or running.hours is not None
    return tuple(times.calendar.unannounced(times.day(running.started_at), last)) if by_calendar else ()


def _warnings(
    running: Running, times: WorkedTimes, *, due_at: datetime, due_day: date, now: datetime
) -> Sequence[Moment]:
    found = []
    for i, threshold in enumerate(running.term.warn, start=1):
        at = _share(running, times, threshold.share, now=now) if threshold.share else None
        at = at or _before(running, times, threshold, due_at=due_at, due_day=due_day)
        found.append(Moment(f"warn.{i}", max(running.started_at, min(at, due_at))))
    return sorted(found, key=lambda moment: moment.at)


def _share(running: Running, times: WorkedTimes, share: float, *, now: datetime) -> datetime:
    limit = round(limit_of(running, times) * share)
    return scale_of(running, times).resume(_end_of(running, times, limit, now=now))


def _before(running: Running, times: WorkedTimes, threshold: Threshold, *, due_at: datetime, due_day: date) -> datetime:
    """Return when an amount before the due time begins. Days mean the morning of that day, a worked one."""
    time, amount = times.of(running.hours), threshold.amount or 0
    match threshold.unit:
        case "working_hour":
            return time.resume(time.position(due_at) - amount * HOUR)
        case "urgent_hour":
            return due_at - amount * HOUR * MICROSECOND
        case "working_day":
            day = time.working_day(time.end_of(due_day) // DAY - amount)
        case _:
            day = time.last_working(due_day - timedelta(days=amount))
    return time.opening(day)


def _late(running: Running, times: WorkedTimes, *, due_at: datetime, due_day: date) -> Sequence[Moment]:
    time, found = times.of(running.hours), []
    for i, threshold in enumerate(running.term.late, start=1):
        amount = threshold.amount or 0
        match threshold.unit:
            case "working_hour":
                at = time.reach(time.position(due_at) + amount * HOUR)
            case "urgent_hour":
                at = due_at + amount * HOUR * MICROSECOND
            case "working_day":
                at = time.close(time.working_day(time.end_of(due_day) // DAY + amount))
            case _:
                at = time.close(due_day + timedelta(days=amount))
        found.append(Moment(f"late.{i}", at))
    return sorted(found, key=lambda moment: moment.at)


def _day_of_end(time: WorkedTime, due_at: datetime) -> date:
    """Return the day that ends at a moment: midnight is the end of a day, not the beginning of one."""
    return local_day(due_at - MICROSECOND, time.zone)


def _close(time: WorkedTime, day: date, *, closes: bool) -> datetime:
    """Return the end of a last day: the close of business where there are hours, else 24:00."""
    return time.close(day) if closes else time.at(day, DAY)
