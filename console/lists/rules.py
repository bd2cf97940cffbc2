"""Monthly lists: their months, and what refuses a change. Pure."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from geo.errors import ErrorKind, MaplebridgeError

_MONTH = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")


class ListUnknown(MaplebridgeError):
    """The place has no list of this code. `params`: `list`."""

    code = "list.unknown"
    kind = ErrorKind.NOT_FOUND


class UnitUnfit(MaplebridgeError):
    """No such unit, or its division does not hold the entry's. `params`: `unit`."""

    code = "list.unit"
    kind = ErrorKind.INVALID


class EntryAnswered(MaplebridgeError):
    """The entry is answered already."""

    code = "list.answered"
    kind = ErrorKind.CONFLICT


class NotHandedOver(MaplebridgeError):
    """The entry is handed over to no unit yet, or not to one of the caller's. `params`: `unit`."""

    code = "list.not_handed"
    kind = ErrorKind.CONFLICT


def bounds_of(month: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a local month such as `2026-11` begins and ends."""
    found = _MONTH.fullmatch(month)
    assert found is not None, "Callers check the month."
    year, number = int(found[1]), int(found[2])
    following = (year + number // 12, number % 12 + 1)
    first, last = date(year, number, 1), date(*following, 1)
    return datetime.combine(first, time(), zone), datetime.combine(last, time(), zone)
