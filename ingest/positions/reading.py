"""Common form of positions from all formats."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from geo.datum import Datum
from geo.errors import ErrorKind, MaplebridgeError

Dialect = Literal["own", "osmand", "owntracks"]


class Unreadable(MaplebridgeError):
    """The message is not a position. `params`: `field` and `reason`, never the value."""

    code = "position.unreadable"
    kind = ErrorKind.UNREADABLE

    def __init__(self, *, field: str, reason: str) -> None:
        super().__init__(field=field, reason=reason)


@dataclass(frozen=True, slots=True)
class Reading:
    """A position as received: x and y are longitude and latitude in `datum`, degrees.

    Metres a second, degrees clockwise from north, metres, and the battery from 0 to 1; None if not given. The force is
    given by its id, or by the names its device may be registered under, most specific first. Raises `Unreadable` for a
    name with a NUL in it, which PostgreSQL cannot store.
    """

    devices: tuple[str, ...]
    force_id: int | None
    at: datetime
    x: float
    y: float
    datum: Datum
    dialect: Dialect
    speed_mps: float | None = None
    heading: float | None = None
    accuracy_m: float | None = None
    battery: float | None = None

    def __post_init__(self) -> None:
        if any("\0" in device for device in self.devices):
            raise Unreadable(field="device", reason="control_character")


def number(value: object, field: str) -> float:
    """Parse a finite number from JSON or text. Raises `Unreadable`."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unreadable(field=field, reason="number")
    try:
        found = float(value)
    except ValueError:
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


def quantity(value: object, field: str, *, unit: float = 1.0) -> float | None:
    """Parse a quantity times `unit`. Devices send a negative one, or an empty one, for unknown values."""
    if value is None or value == "":
        return None
    found = number(value, field)
    return found * unit if found >= 0 else None


def direction(value: object, field: str) -> float | None:
    """Parse degrees clockwise from north, at least 0 and below 360."""
    found = quantity(value, field)
    return None if found is None else found % 360


def share(value: object, field: str, *, whole: float = 1.0) -> float | None:
    """Parse a part of `whole` as 0 to 1; larger values are 1."""
    found = quantity(value, field, unit=1 / whole)
    return None if found is None else min(found, 1.0)
