"""Terms of rosters 值班 (`[roster]` in a pack): patterns of shifts, and the minimum cover of divisions."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from console.clocks.calendar import WorkingCalendar
from console.clocks.terms import WEEKDAYS, Weekday, minute_of
from geo.terms import AtLeastOne, Code, Coded, Count, Part
from layers.divisions.terms import LevelName

Attendance = Literal["resident", "rotating", "on_call"]
"""常驻: there all the time; 轮驻: in turns; 随叫随驻: comes when called."""
DayHours = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
"""`09:00-17:30`. An end that is not after the begin lies on the next day: `08:00-08:00` are 24 hours."""
AnswerMinutes = Annotated[int, Field(ge=0, le=1440)]

DAY_MINUTES = 24 * 60


class Days(Part):
    """Days of a pattern or a minimum: worked, off, or all; or these weekdays, whatever the calendar says."""

    days: Literal["worked", "off", "all"] = "all"
    weekdays: tuple[Weekday, ...] = ()

    def include(self, day: date, calendar: WorkingCalendar) -> bool:
        """Return whether the day is one of them. A worked weekend day 补班日 counts as worked."""
        if self.weekdays:
            return WEEKDAYS[day.weekday()] in self.weekdays
        return self.days == "all" or calendar.kind(day).is_worked == (self.days == "worked")


class Pattern(Coded, Days):
    """A pattern of shifts: on its days, at these hours.

    `turn`: all who follow it serve every day (`none`), or one after the other by day or by week. `answer_minutes` is
    how soon a person on call is there.
    """

    attendance: Attendance
    hours: Annotated[tuple[DayHours, ...], Field(min_length=1)]
    turn: Literal["none", "day", "week"] = "none"
    answer_minutes: AnswerMinutes | None = None


class Cover(Coded, Days):
    """Minimum cover: in each division of the level `at`, at least so many are at work in these hours.

    `kinds` are kinds of forces and `titles` titles of posts that count, all where both are empty; `speciality` is a
    category or class that each must have; `attendance` counts only those who are there so.
    """

    at: LevelName
    least: AtLeastOne
    hours: Annotated[tuple[DayHours, ...], Field(min_length=1)] = ("00:00-24:00",)
    kinds: tuple[Code, ...] = ()
    titles: tuple[Code, ...] = ()
    speciality: Code | None = None
    attendance: tuple[Attendance, ...] = ()


class MadeRoster(Part):
    """A pattern laid in a demo for forces of these kinds: the first `most` of each town, or of the whole place.

    `away` is how many of the first town are on leave for some days, so that there is a gap to see.
    """

    pattern: Code
    kinds: Annotated[tuple[Code, ...], Field(min_length=1)]
    each_town: bool = True
    most: AtLeastOne = 4
    away: Count = 0


class RosterTerms(Part):
    """`[roster]` of a pack. Gaps in the cover are reported `watch_days` ahead.

    `answer_minutes` holds for shifts on call that name no time of their own.
    """

    watch_days: Annotated[int, Field(ge=1, le=60)] = 14
    answer_minutes: AnswerMinutes = 30
    patterns: tuple[Pattern, ...] = ()
    minimums: tuple[Cover, ...] = ()

    @cached_property
    def pattern_by_code(self) -> Mapping[str, Pattern]:
        return {pattern.code: pattern for pattern in self.patterns}


def local(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the moment when the clocks of the county show this minute of the day; 1440 is the next midnight.

    Of an hour that comes twice it is the first, and one that is left out counts from the hour before.
    """
    midnight = datetime.combine(day + timedelta(days=minute // DAY_MINUTES), datetime.min.time())
    return (midnight + timedelta(minutes=minute % DAY_MINUTES)).replace(tzinfo=zone)


def span_of(day: date, hours: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return begin and end of `22:00-06:00` on a day."""
    begin, end = (minute_of(part) for part in hours.split("-"))
    return local(day, begin, zone), local(day, end if end > begin else end + DAY_MINUTES, zone)
