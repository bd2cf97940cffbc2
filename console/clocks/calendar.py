"""The working calendar of China: one file for each notice of the State Council, and the law where there is none yet.

"调休" means the day off in some libraries and the day worked in everyday speech. Here a weekend day that is worked is a
make-up day 补班日, and a weekday that is not a day off 放假日.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from geo.errors import ErrorKind, MaplebridgeError
from geo.terms import Part, Text

SHIPPED = Path(str(files("console.clocks") / "cn"))
ONE_DAY = timedelta(days=1)
SATURDAY = 5
ANNOUNCED_BY_MONTH = 10
"""The notice of a year comes in October or November of the year before; from then on a missing one is reported."""


class BadCalendar(MaplebridgeError):
    """A calendar file cannot be read. `params`: `file`, `reason`."""

    code = "calendar.file"
    kind = ErrorKind.INVALID


class DayKind(StrEnum):
    """Kinds of days: ordinary weekday, worked weekend day 补班日, weekend, day off by notice or law."""

    WORKING = "working"
    MAKE_UP = "make_up"
    WEEKEND = "weekend"
    OFF = "off"

    @property
    def is_worked(self) -> bool:
        return self in (DayKind.WORKING, DayKind.MAKE_UP)


Days = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?$")]
"""A day, or the first and the last of several."""


class NoticeFile(Part):
    """A notice: days `off`, weekend days `worked`, and days that an earlier notice arranged and this one makes
    `ordinary` again. Of several notices, the later `issued` holds.
    """

    year: int
    notice: Text
    issued: date
    source: Text
    fetched: date
    off: tuple[Days, ...]
    worked: tuple[Days, ...] = ()
    ordinary: tuple[Days, ...] = ()


class StatutoryFile(Part):
    """The days off that the law names: month and day of each year, and of single years where they are lunar days."""

    law: Text
    yearly: tuple[str, ...]
    lunar: Mapping[int, tuple[str, ...]]


File = TypeVar("File", NoticeFile, StatutoryFile)


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day of a moment in the county. The one place where a moment becomes a day."""
    return moment.astimezone(zone).date()


@dataclass(frozen=True)
class WorkingCalendar:
    """Kinds of days. `arranged` holds the days of the notices, `years` those that have one, `statutory` the law's."""

    arranged: Mapping[date, DayKind]
    years: frozenset[int]
    statutory: StatutoryFile
    notices: tuple[NoticeFile, ...] = field(default=(), compare=False)

    def kind(self, day: date) -> DayKind:
        """Return the kind of a day; in a year without a notice, that of the law and the weekend."""
        arranged = self.arranged.get(day)
        if arranged is None and day.year not in self.years and self._is_statutory(day):
            arranged = DayKind.OFF
        return arranged or (DayKind.WEEKEND if day.weekday() >= SATURDAY else DayKind.WORKING)

    def is_announced(self, day: date) -> bool:
        """Return whether a notice covers the day. Years before the first notice are over, and count as covered."""
        return day.year in self.years or day.year < min(self.years, default=day.year)

    def unannounced(self, first: date, last: date) -> list[int]:
        """Return the years between two days that have no notice."""
        return [year for year in range(first.year, last.year + 1) if not self.is_announced(date(year, 1, 1))]

    def missing(self, today: date) -> int | None:
        """Return the year whose notice should be there but is not: this one, or from October the next."""
        due = (today.year, today.year + 1) if today.month >= ANNOUNCED_BY_MONTH else (today.year,)
        return next((year for year in due if year not in self.years), None)

    @cached_property
    def digest(self) -> str:
        """A short name of what the calendar says."""
        said = [*(f"{day}{kind}" for day, kind in sorted(self.arranged.items())), *map(str, sorted(self.years))]
        return hashlib.sha256(" ".join(said).encode()).hexdigest()[:16]

    def exceptions(self, year: int) -> dict[str, str]:
        """Return the arranged days of a year by date."""
        return {day.isoformat(): kind.value for day, kind in sorted(self.arranged.items()) if day.year == year}

    def _is_statutory(self, day: date) -> bool:
        named = f"{day:%m-%d}"
        return named in self.statutory.yearly or named in self.statutory.lunar.get(day.year, ())


def read_calendar(*folders: Path) -> WorkingCalendar:
    """Read the notices that ship with the program, then those of further folders. Raises BadCalendar."""
    found = [path for folder in (SHIPPED, *folders) for path in sorted(folder.glob("[0-9]*.toml"))]
    return calendar_of([_read(path, NoticeFile) for path in found])


def calendar_of(notices: Iterable[NoticeFile]) -> WorkingCalendar:
    """Put notices together; those issued later change the days of earlier ones."""
    arranged: dict[date, DayKind] = {}
    in_order = sorted(notices, key=lambda notice: notice.issued)
    for notice in in_order:
        for day in days_of(notice.ordinary):
            arranged.pop(day, None)
        arranged |= dict.fromkeys(days_of(notice.off), DayKind.OFF)
        arranged |= dict.fromkeys(days_of(notice.worked), DayKind.MAKE_UP)
    years = frozenset(notice.year for notice in in_order)
    return WorkingCalendar(
        MappingProxyType(arranged), years, _read(SHIPPED / "statutory.toml", StatutoryFile), tuple(in_order)
    )


def days_of(listed: Iterable[str]) -> Iterator[date]:
    """Yield the days of `2026-10-01` or `2026-10-01/2026-10-07`."""
    for text in listed:
        first, _, last = text.partition("/")
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last or first):
            yield day
            day += ONE_DAY


def _read(path: Path, model: type[File]) -> File:
    try:
        found = model.model_validate(tomllib.loads(path.read_text(encoding="utf8")))
        if isinstance(found, NoticeFile):
            _check(found)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError, ValueError) as error:
        raise BadCalendar(file=str(path), reason=str(error)) from error
    return found


def _check(notice: NoticeFile) -> None:
    """Refuse days that do not exist, that are listed twice with different meanings, or weekdays as make-up days."""
    off, worked = {*days_of(notice.off)}, {*days_of(notice.worked)}
    if both := sorted(off & worked):
        raise ValueError(f"{both[0]} is listed as off and as worked")
    if weekdays := sorted(day for day in worked if day.weekday() < SATURDAY):
        raise ValueError(f"{weekdays[0]} is a weekday, and no make-up day")
