"""Read dates and times as offices, Excel and WPS write them. Pure.

Year, month and day in this order are read in any writing. Where the day may be the month, such as 1/2/2026, nothing is
guessed: the order has to be stated.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from ingest.files.date_words import MONTHS, simplified

FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
"""Days that are taken for a spreadsheet's count: from 1954 to 2119."""
ORDERS = ("ymd", "dmy", "mdy")
ORIGIN, ORIGIN_1904 = date(1899, 12, 30), date(1904, 1, 1)
BEIJING = timezone(timedelta(hours=8))
_SAMPLE = datetime(2031, 12, 25, 13, 45, 59, tzinfo=UTC)

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d[\d:.,Z+-]*)?$")
_YEAR_FIRST = re.compile(r"(\d{4})\s?([-/.年])\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)\s?(?:[日号]|(?=[T\s,]|$))")
_SHORT_YEAR = re.compile(r"(\d{2})()年\s?(\d{1,2})月\s?(\d{1,2})[日号]")
_COMPACT = re.compile(r"((?:19|20)\d\d)()(\d\d)(\d\d)(?=[T\s]|$)")
_LAST_YEAR = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{1,2})(?=[T\s,]|$)")
_NAMED = re.compile(r"(?:(\d{1,2})[-\s]?)?([A-Z]{3,9})\.?[-\s,]{0,2}(?:(\d{1,2})(?:,\s?|\s))?(\d{4})(?=[T\s,]|$)")
_ZONE = re.compile(r"\s?(Z|(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?|UTC|GMT)$")
_CLOCK = re.compile(
    r"(AM|PM|NOON)?\s?(\d{1,2})(?::(\d{1,2})|[时点](?:(\d{1,2})分?)?)(?::?(\d{1,2}(?:[.,]\d{1,9})?)秒?)?\s?(AM|PM)?"
)
_PACKED_CLOCK = re.compile(r"()(\d\d)(\d\d)()(\d\d)?()")
_PACKED = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


class NotATime(ValueError):
    """A value that is no time, or not a certain one. `code` is the problem's."""

    def __init__(self, code: str = "time.broken") -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class DateFormat:
    """Order of dates that leave it open: an order of `ORDERS`, or a pattern of `strptime`."""

    order: str | None = None
    pattern: str | None = None
    from_1904: bool = False

    @classmethod
    def of(cls, text: str) -> "DateFormat":
        """Make one of `dmy`, `日/月/年`, `DD/MM/YYYY`, `%d.%m.%Y %H:%M` or `1904`. Raises ValueError."""
        if "%" in text:
            datetime.strptime(_SAMPLE.strftime(text), text)  # noqa: DTZ007 (only tried)
            return cls(pattern=text)
        if text.strip() in ("1904", "excel1904"):
            return cls(from_1904=True)
        letters = re.sub(r"[^ymd]", "", text.casefold().translate(str.maketrans("年月日", "ymd")))
        order = re.sub(r"(.)\1+", r"\1", letters)
        if order not in ORDERS:
            raise ValueError(text)
        return cls(order=order)


@dataclass(frozen=True, slots=True)
class Written:
    """Content of a value: a day, a time of day (with a zone if it names one), or both. `serial`: as a count of days."""

    day: date | None = None
    clock: time | None = None
    serial: bool = False

    @property
    def is_day_only(self) -> bool:
        return self.day is not None and self.clock is None


PLAIN = DateFormat()


def read_iso(value: Any, form: DateFormat = PLAIN) -> datetime | None:
    """Read a day and time as programs write them, such as 2026-03-01T08:30:00+08:00; None for any other writing."""
    if isinstance(value, str) and len(value) > 10 and form.pattern is None and _is_iso(value):
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    return None


def _is_iso(text: str) -> bool:
    return _ISO.match(text) is not None and "24:" not in text


def read_written(value: Any, form: DateFormat = PLAIN, *, from_1904: bool = False) -> Written:
    """Read a day, a time of day or both from a cell. Raises NotATime."""
    if isinstance(value, bool):
        raise NotATime
    try:
        return _read(value if isinstance(value, int | float) else str(value).strip(), form, form.from_1904 or from_1904)
    except (ValueError, OverflowError) as error:
        raise error if isinstance(error, NotATime) else NotATime() from error


def _read(value: float | str, form: DateFormat, from_1904: bool) -> Written:
    if isinstance(value, str):
        if form.pattern and (found := _by_pattern(value, form.pattern)):
            return found
        if _is_iso(value):
            moment = datetime.fromisoformat(value)
            return Written(moment.date(), moment.timetz() if len(value) > 10 else None)
        text = simplified(value)
        if not re.fullmatch(r"\d+(\.\d+)?", text):
            return _read_text(text, form)
        return _read_number(float(text), text, from_1904)
    return _read_number(value, f"{value:.0f}" if value == int(value) else str(value), from_1904)


def _by_pattern(text: str, pattern: str) -> Written | None:
    try:
        moment = datetime.strptime(text, pattern)  # noqa: DTZ007 (the zone is the file's)
    except ValueError:
        return None
    has_clock = any(mark in pattern for mark in ("%H", "%I", "%X", "%c", "%T", "%R"))
    return Written(moment.date(), moment.timetz() if has_clock else None)


def _read_number(number: float, text: str, from_1904: bool) -> Written:
    """Read digits without marks: 20260301, 20260301083000, a spreadsheet's days, or seconds since 1970."""
    if len(text) in _PACKED and text.isdecimal() and text[:2] in ("19", "20"):
        moment = datetime.strptime(text, _PACKED[len(text)])  # noqa: DTZ007 (the zone is the file's)
        return Written(moment.date(), None if len(text) == 8 else moment.time())
    if len(text) in (10, 13) and text.isdecimal() and text.startswith("1"):
        moment = datetime.fromtimestamp(number / (1000 if len(text) == 13 else 1), UTC)
        return Written(moment.date(), moment.timetz())
    if not (0 < number < 1 or FIRST_SERIAL <= number < LAST_SERIAL):
        raise NotATime
    days, part = divmod(number, 1)
    moment = datetime.combine(ORIGIN_1904 if from_1904 else ORIGIN, time())
    moment += timedelta(days=days, milliseconds=round(part * 86_400_000))
    return Written(moment.date() if days else None, moment.time() if part else None, serial=True)


def _read_text(text: str, form: DateFormat) -> Written:
    day, rest = _split_day(text, form)
    rest = rest.strip(" ,")
    rest = rest.removeprefix("T") if day else rest
    if not rest:
        if day is None:
            raise NotATime
        return Written(day)
    clock, days_later = _read_clock(rest, after_day=day is not None)
    if days_later and day is None:
        raise NotATime
    return Written(day + timedelta(days=days_later) if day else None, clock)


def _split_day(text: str, form: DateFormat) -> tuple[date | None, str]:
    for pattern in (_YEAR_FIRST, _SHORT_YEAR, _COMPACT):
        if found := pattern.match(text):
            year, _, month, day = found.groups()
            return date(_full_year(year), int(month), int(day)), text[found.end() :]
    if found := _LAST_YEAR.match(text):
        return _ordered(found[1], found[3], found[4], form), text[found.end() :]
    if (found := _NAMED.match(text)) and found[2][:3] in MONTHS and (found[1] or found[3]):
        return date(int(found[4]), MONTHS[found[2][:3]], int(found[1] or found[3])), text[found.end() :]
    return None, text


def _full_year(year: str) -> int:
    return int(year) + (0 if len(year) == 4 else 2000 if int(year) < 70 else 1900)


def _ordered(first: str, second: str, third: str, form: DateFormat) -> date:
    """Return the day of three numbers in the stated order, or in the only one that is possible."""
    order = form.order
    if order == "ymd" and len(third) == 4:
        order = None
    if order is None:
        a, b = int(first), int(second)
        if len(third) != 4 or (max(a, b) <= 12 and a != b):
            raise NotATime("time.ambiguous")
        order = "dmy" if a > 12 else "mdy"
    parts = dict(zip(order, (first, second, third), strict=True))
    return date(_full_year(parts["y"]), int(parts["m"]), int(parts["d"]))


def _read_clock(text: str, *, after_day: bool) -> tuple[time, int]:
    """Return the time of day, and 1 for 24:00, which is the next day's beginning."""
    zone, clock = _split_zone(text)
    found = _CLOCK.fullmatch(clock) or (_PACKED_CLOCK.fullmatch(clock) if after_day else None)
    if found is None:
        raise NotATime
    before, hours, minutes, *others, seconds, after = found.groups()
    minutes = minutes or (others[0] if others else None)
    hour = _hour(int(hours), before or after or None)
    whole, _, part = (seconds or "0").replace(",", ".").partition(".")
    rest = time(0, int(minutes or 0), int(whole), int(f"{part:0<6}"[:6]), tzinfo=zone)
    if hour == 24 and rest.replace(tzinfo=None) == time():
        return rest, 1
    return rest.replace(hour=hour), 0


def _split_zone(text: str) -> tuple[timezone | None, str]:
    if text.endswith("BEIJING"):
        return BEIJING, text.removesuffix("BEIJING").strip()
    found = _ZONE.search(text)
    if found is None or not found.start():
        return None, text
    _, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset), text[: found.start()]


def _hour(hour: int, half: str | None) -> int:
    """Return the hour of 24 from one with its half of the day. Raises NotATime for a contradiction, such as 13 AM."""
    if half is None:
        return hour
    if half == "NOON":
        return hour + 12 if hour in (1, 2) else hour
    if half == "AM":
        if hour > 12:
            raise NotATime
        return hour % 12
    return hour + 12 if hour < 12 else hour


def joined(parts: Iterable[Written]) -> datetime:
    """Join the day and the time of day that stand in several columns; a day alone begins at midnight. Raises NotATime.

    A sheet's date cell says midnight where it only means the day.
    """
    found = list(parts)
    days = {part.day for part in found if part.day is not None}
    clocks = {part.clock for part in found if part.clock is not None}
    if len(clocks) > 1:
        clocks -= {part.clock for part in found if part.day is not None and part.clock == time()}
    if not days:
        raise NotATime("time.no_day")
    if len(days) > 1 or len(clocks) > 1:
        raise NotATime("time.conflict")
    return datetime.combine(days.pop(), clocks.pop() if clocks else time())
