"""Common form of positions from all formats."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self

import orjson

from geo.clocks import by_server
from geo.datum import Datum
from geo.errors import ErrorKind, MaplebridgeError

Dialect = Literal["own", "osmand", "owntracks", "overland", "background-geolocation"]

SECONDS_BELOW = 2**31 - 1
"""Larger timestamps are milliseconds."""

SOS = "sos"
MOCK_NAMES = ("mock", "is_mock", "isMock", "isFromMockProvider", "is_from_mock_provider", "mocked", "simulated")
"""Names under which apps say that a position was made up by a program of the phone."""

TRUE = frozenset({"1", "true", "yes"})


MOST_LOCATIONS = 20_000
"""A batch has so many locations; a body of four megabytes holds a million that are none."""


class Unreadable(MaplebridgeError):
    """The message is not a position. `params`: `field` and `reason`, never the value."""

    code = "position.unreadable"

    def __init__(self, *, field: str, reason: str) -> None:
        super().__init__(field=field, reason=reason)


class UnnamedDevice(Unreadable):
    """The message names no device, or one that cannot be stored."""

    code = "position.device_missing"
    kind = ErrorKind.UNREADABLE


@dataclass(frozen=True, slots=True)
class Reading:
    """A position as received: x and y are longitude and latitude, degrees. None for an SOS without a place.

    `datum` is None where neither the message nor its address states one: the device's own counts then, else
    `usual_datum`. Metres a second, degrees clockwise from north, metres, and the battery from 0 to 1; None if not
    given. The force is given by its id, or by the names its device may be registered under, most specific first.
    `alarm` is the emergency that the phone signals; `dropped` names optional fields that could not be read.
    `device_at` is what the phone's clock said, where that is wrong and `at` corrected. Raises `UnnamedDevice` for a
    name with a NUL or half a surrogate pair in it, which PostgreSQL cannot store.
    """

    devices: tuple[str, ...]
    force_id: int | None
    at: datetime
    x: float | None
    y: float | None
    datum: Datum | None
    dialect: Dialect
    usual_datum: Datum = Datum.WGS84
    speed_mps: float | None = None
    heading: float | None = None
    accuracy_m: float | None = None
    battery: float | None = None
    mock: bool = False
    alarm: str | None = None
    dropped: tuple[str, ...] = ()
    device_at: datetime | None = None

    def __post_init__(self) -> None:
        if not all(map(_is_storable, self.devices)):
            raise UnnamedDevice(field="device", reason="control_character")

    def timed_by_server(self, *, ahead: timedelta, now: datetime) -> Self:
        """Return it with its time by the server's clock, where the phone's is `ahead`."""
        at = by_server(self.at, ahead=ahead, now=now)
        return self if at == self.at else replace(self, at=at, device_at=self.at)


@dataclass(slots=True)
class OptionalFields:
    """Parses the optional fields of one message. A value that cannot be read is left out and named in `dropped`.

    A position with a broken battery is still a position, and most apps send a refused one again for ever.
    """

    dropped: list[str] = field(default_factory=list)

    def quantity(self, value: object, name: str, *, unit: float = 1.0) -> float | None:
        """Parse a quantity times `unit`. Devices send a negative one, an empty one or null for unknown values."""
        if value is None or value == "":
            return None
        try:
            found = number(value, name) * unit
        except Unreadable:
            self.dropped.append(name)
            return None
        return found if found >= 0 else None

    def direction(self, value: object, name: str) -> float | None:
        """Parse degrees clockwise from north, at least 0 and below 360."""
        found = self.quantity(value, name)
        return None if found is None else found % 360

    def share(self, value: object, name: str, *, whole: float = 1.0) -> float | None:
        """Parse a part of `whole` as 0 to 1; larger values are 1."""
        found = self.quantity(value, name, unit=1 / whole)
        return None if found is None else min(found, 1.0)

    def moment(self, value: object, name: str, *, now: datetime) -> datetime:
        """Parse a time; `now`, when the message came in, stands for one that is missing or cannot be read."""
        if value is not None and value != "":
            try:
                return moment(value, name)
            except Unreadable:
                pass
        self.dropped.append(name)
        return now


def number(value: object, field: str) -> float:
    """Parse a finite number from JSON or text. Raises `Unreadable`."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(field=field, reason="number")
    try:
        found = float(value)
    except (ValueError, OverflowError):
        raise Unreadable(field=field, reason="number") from None
    if not math.isfinite(found):
        raise Unreadable(field=field, reason="finite")
    return found


def place(lon: object, lat: object) -> tuple[float, float]:
    """Parse longitude and latitude. Raises `Unreadable`, naming the one that is out of range."""
    x, y = number(lon, "lon"), number(lat, "lat")
    if abs(x) > 180:
        raise Unreadable(field="lon", reason="range")
    if abs(y) > 90:
        raise Unreadable(field="lat", reason="range")
    return x, y


def place_or_alarm(lon: object, lat: object, *, alarm: str | None) -> tuple[float | None, float | None]:
    """Parse longitude and latitude; for an alarm, which counts without a place too, return None for bad ones."""
    try:
        return place(lon, lat)
    except Unreadable:
        if alarm is None:
            raise
        return None, None


def moment(value: object, field: str = "timestamp") -> datetime:
    """Parse seconds or milliseconds since 1970, ISO 8601, or `yyyy-MM-dd HH:mm:ss`; UTC if no zone is given. Raises
    `Unreadable`.
    """
    try:
        if not isinstance(value, str) or value.lstrip("-").replace(".", "", 1).isdigit():
            stamp = number(value, field)
            return datetime.fromtimestamp(stamp if stamp < SECONDS_BELOW else stamp / 1000, UTC)
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(field=field, reason="datetime") from None


def _is_storable(name: str) -> bool:
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in name)


def is_true(value: object) -> bool:
    """Whether an app says yes: `true`, or the same as text or number."""
    return str(value).lower() in TRUE


def is_mock(*parts: Mapping[str, Any]) -> bool:
    """Whether any part of a message says that its position was made up."""
    return any(is_true(part.get(name)) for part in parts for name in MOCK_NAMES)


def alarm_of(values: Iterable[object]) -> str | None:
    """Find an SOS among the alarms that a message names, each a word or several with commas. Others are ignored."""
    words = (word.strip().lower() for value in values if isinstance(value, str) for word in value.split(","))
    return SOS if SOS in words else None


def parsed(body: bytes) -> Any:
    """Parse JSON. Some apps write a bare NaN or Infinity, which only the slower parser reads. Raises `Unreadable`."""
    try:
        if b"NaN" in body or b"Infinity" in body:
            return json.loads(body)
        return orjson.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable(field="body", reason="json") from None


def bounded(locations: list[Any]) -> list[Any]:
    """Return the locations of a batch, and one that cannot be read for all that are too many."""
    return locations if len(locations) <= MOST_LOCATIONS else [*locations[:MOST_LOCATIONS], False]


def as_object(value: Any, field: str) -> dict[str, Any]:
    """Return a JSON object; an empty one for null. Raises `Unreadable` for anything else."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(field=field, reason="object")
    return value
