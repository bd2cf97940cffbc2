"""One location as background-geolocation plugins write it: in Traccar Client's JSON, and in apps of one's own.

Transistor's plugin nests (`coords`, `battery`, `extras`), mauron85's is flat (`latitude`, `bearing`, `time`). Both give
metres a second.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.positions.address import Address, with_stated
from ingest.positions.reading import (
    Dialect,
    OptionalFields,
    Reading,
    Unreadable,
    alarm_of,
    as_object,
    is_mock,
    place_or_alarm,
)


def read_location(
    value: object,
    *,
    device: str,
    message: Mapping[str, Any],
    address: Address,
    now: datetime,
    dialect: Dialect = "osmand",
) -> Reading | Unreadable | None:
    """Read one location; None without coordinates or an SOS, and the error where they cannot be read.

    `message` is what the location came in: it may name the alarm.
    """
    try:
        location = as_object(value, "location")
        coords = _part(location, "coords") or location
        alarm = alarm_of(_alarms(location, message))
        lon, lat = coords.get("longitude"), coords.get("latitude")
        if alarm is None and (lon is None or lat is None):
            return None
        x, y = place_or_alarm(lon, lat, alarm=alarm)
    except Unreadable as error:
        return error
    for part in (message, location, coords, _part(location, "extras")):
        address = with_stated(address, part)
    optional = OptionalFields()
    return Reading(
        devices=(device,),
        force_id=None,
        at=_moment(location, optional, now=now),
        x=x,
        y=y,
        datum=address.datum,
        dialect=dialect,
        speed_mps=optional.quantity(coords.get("speed"), "speed", unit=address.speed_unit_mps or 1.0),
        heading=optional.direction(coords.get("heading", coords.get("bearing")), "heading"),
        accuracy_m=optional.quantity(coords.get("accuracy"), "accuracy"),
        battery=optional.share(_battery(location), "battery"),
        mock=is_mock(location, coords, _part(location, "extras")),
        alarm=alarm,
        dropped=tuple(optional.dropped),
    )


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object inside another; an empty one in place of anything else."""
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _alarms(location: Mapping[str, Any], message: Mapping[str, Any]) -> list[object]:
    named = [(whole, "alarm") for whole in (location, message)]
    nested = [(_part(whole, name), "alarm") for whole in (location, message) for name in ("extras", "attributes")]
    return [location.get("event"), message.get("event"), *(whole.get(name) for whole, name in [*named, *nested])]


def _battery(location: Mapping[str, Any]) -> object:
    """Return the level, from 0 to 1, of the nested form."""
    return _part(location, "battery").get("level")


def _moment(location: Mapping[str, Any], optional: OptionalFields, *, now: datetime) -> datetime:
    names = [name for name in ("timestamp", "time") if name in location]
    return optional.moment(location[names[0]], names[0], now=now) if names else now
