"""Walk a working calendar: where a moment lies in worked time, and which moment lies there. Pure.

Positions are whole microseconds on prefix sums over days, so that a walk over years costs one bisection, and what
pauses take away adds up to the last microsecond.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from console.clocks.calendar import DayKind, WorkingCalendar, local_day
from console.clocks.terms import WEEKDAYS, Hours, edges_of
from geo.errors import ErrorKind, MaplebridgeError
from geo.terms import Names

FIRST, DAYS = date(2000, 1, 1), 60 * 366
"""The days that are walked: sixty years."""

MICROSECOND = timedelta(microseconds=1)
HOUR = timedelta(hours=1) // MICROSECOND
MINUTE = HOUR // 60
DAY = 24 * HOUR
"""A day in positions, whatever hours it has."""

ORDINARY = Hours(code="ordinary", names=Names(zh="工作日", en="Working days"), working=("09:00-12:00", "13:00-17:00"))
"""Hours where a limit needs some and neither it nor the unit names any."""

Edges = Sequence[tuple[int, int]]
"""Begin and end of each span of a day, in microseconds from midnight."""


class OutsideCalendar(MaplebridgeError):
    """A moment lies outside the years that can be walked. `params`: `day`."""

    code = "calendar.outside"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class WorkedDay:
    """What one day counts: whether it is a working day, and its hours."""

    is_working: bool
    edges: Edges

    @property
    def length(self) -> int:
        return sum(end - begin for begin, end in self.edges)

    def before(self, offset: int) -> int:
        """Return the worked time of the day before an offset from midnight."""
        return sum(max(0, min(offset, end) - begin) for begin, end in self.edges)


class WorkedTime:
    """Worked time of units with these hours in one county."""

    def __init__(self, calendar: WorkingCalendar, hours: Hours, zone: ZoneInfo) -> None:
        self.calendar, self.hours, self.zone = calendar, hours, zone
        self._days = [_worked_day(calendar, hours, FIRST + timedelta(days=i)) for i in range(DAYS)]
        self._time = [0, *accumulate(day.length for day in self._days)]
        self._count = [0, *accumulate(int(day.is_working) for day in self._days)]

    def day(self, day: date) -> WorkedDay:
        """Return what a day counts."""
        return self._days[index_of(day)]

    def position(self, moment: datetime) -> int:
        """Return the worked time before a moment."""
        index, offset = self._place(moment)
        return self._time[index] + self._days[index].before(offset)

    def reach(self, position: int) -> datetime:
        """Return the first moment at which so much time is worked: at the end of a span, not the start of the next."""
        index = bisect_left(self._time, position) - 1
        return self._moment(max(index, 0), position, latest=False)

    def resume(self, position: int) -> datetime:
        """Return the last moment at which so much time is worked: when work goes on from there."""
        return self._moment(bisect_right(self._time, position) - 1, position, latest=True)

    def day_position(self, moment: datetime) -> int:
        """Return the working days before a moment, a begun one by the share of its hours that is over."""
        index, offset = self._place(moment)
        day = self._days[index]
        whole = self._count[index] * DAY
        if not day.is_working:
            return whole
        return whole + (day.before(offset) * DAY // day.length if day.length else offset)

    def end_of(self, day: date) -> int:
        """Return the working days up to the end of a day."""
        return self._count[index_of(day) + 1] * DAY

    def working_day(self, number: int) -> date:
        """Return the working day with this number, counted as `end_of` does."""
        return FIRST + timedelta(days=bisect_left(self._count, number) - 1)

    def next_working(self, day: date) -> date:
        """Return the day itself if it is worked, else the next working day."""
        return self.working_day(self._count[index_of(day)] + 1)

    def last_working(self, day: date) -> date:
        """Return the day itself if it is worked, else the working day before."""
        return self.working_day(self._count[index_of(day) + 1])

    def opening(self, day: date) -> datetime:
        """Return when a day's hours begin, or midnight where it has none."""
        edges = self.day(day).edges
        return self.at(day, edges[0][0] if edges else 0)

    def close(self, day: date) -> datetime:
        """Return when a day's hours end, or 24:00 where it has none."""
        edges = self.day(day).edges
        return self.at(day, edges[-1][1] if edges else DAY)

    def at(self, day: date, offset: int) -> datetime:
        """Return the moment of a day, by microseconds from midnight."""
        midnight = datetime.combine(day, time(), self.zone)
        return (midnight + offset * MICROSECOND).astimezone(UTC)

    def _place(self, moment: datetime) -> tuple[int, int]:
        """Return the index of a moment's day and its microseconds from midnight."""
        local = moment.astimezone(self.zone)
        midnight = datetime.combine(local.date(), time(), self.zone)
        return index_of(local.date()), (local - midnight) // MICROSECOND

    def _moment(self, index: int, position: int, *, latest: bool) -> datetime:
        left = position - self._time[index]
        for begin, end in self._days[index].edges:
            if left < end - begin or (left == end - begin and not latest):
                return self.at(FIRST + timedelta(days=index), begin + left)
            left -= end - begin
        return self.at(FIRST + timedelta(days=index), 0)


def index_of(day: date) -> int:
    """Return the number of a day. Raises OutsideCalendar."""
    index = (day - FIRST).days
    if not 0 <= index < DAYS:
        raise OutsideCalendar(day=day.isoformat())
    return index


@lru_cache(maxsize=128)
def _edges(spans: tuple[str, ...]) -> Edges:
    edges = [minutes * MINUTE for minutes in edges_of(spans)]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _worked_day(calendar: WorkingCalendar, hours: Hours, day: date) -> WorkedDay:
    """Return what a day counts for units with these hours."""
    kind = calendar.kind(day)
    if day in hours.days_off:
        return WorkedDay(False, ())
    if day in hours.days_worked:
        return WorkedDay(True, _edges(hours.working))
    if kind is DayKind.OFF:
        return WorkedDay(False, _edges(hours.holidays))
    if kind is DayKind.MAKE_UP and hours.make_up:
        return WorkedDay(True, _edges(hours.working))
    is_weekday = kind is DayKind.WORKING
    spans = hours.week.get(WEEKDAYS[day.weekday()], hours.working if is_weekday else ())
    return WorkedDay(is_weekday, _edges(spans))


class WorkedTimes:
    """Worked time of all hours of a county, built once each by the calendar that is known now."""

    def __init__(self, calendar: WorkingCalendar, zone: ZoneInfo) -> None:
        self.calendar, self.zone = calendar, zone
        self._built: dict[str, WorkedTime] = {}

    def use(self, calendar: WorkingCalendar) -> None:
        """Count by this calendar from now on."""
        if calendar != self.calendar:
            self.calendar, self._built = calendar, {}

    def of(self, hours: Hours | None) -> WorkedTime:
        """Return the worked time of these hours, or of ordinary ones."""
        wanted = hours or ORDINARY
        key = wanted.model_dump_json()
        if key not in self._built:
            self._built[key] = WorkedTime(self.calendar, wanted, self.zone)
        return self._built[key]

    def day(self, moment: datetime) -> date:
        """Return the day of a moment in the county."""
        return local_day(moment, self.zone)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The hours of some unit, by the calendar that is known at the time; ordinary ones if `hours` is None."""

    times: WorkedTimes
    hours: Hours | None = None

    def next_open(self, moment: datetime) -> datetime:
        """Return the moment itself if it is within hours, else when they begin again."""
        time = self.times.of(self.hours)
        return max(moment, time.resume(time.position(moment)))

    def after(self, moment: datetime, hours: int) -> datetime:
        """Return when so many of these hours have passed."""
        time = self.times.of(self.hours)
        return time.reach(time.position(moment) + hours * HOUR)
