"""The OsmAnd format of the Traccar phone apps, OsmAnd and GPSLogger: parameters, and since Traccar's version 9 JSON.

They differ in units. Traccar's parameters give speed in knots and the battery in per cent; its JSON gives metres a
second and a fraction of 1. (https://www.traccar.org/osmand) OsmAnd's own template gives metres a second, and its
accuracy in metres as `hdop`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.positions.address import DEVICE_NAMES, NOTHING_STATED, SPEED_UNITS, Address
from ingest.positions.location import read_location
from ingest.positions.reading import (
    OptionalFields,
    Reading,
    UnnamedDevice,
    Unreadable,
    alarm_of,
    as_object,
    is_mock,
    parsed,
    place_or_alarm,
)

LAT, LON = ("lat", "latitude"), ("lon", "lng", "long", "longitude")
INVALID = frozenset({"0", "false", "no"})


def read_parameters(
    parameters: Mapping[str, str], *, address: Address = NOTHING_STATED, now: datetime, app: str = ""
) -> Reading | None:
    """Read a position from query or form parameters; None if the app marks it invalid or gives no coordinates, unless
    it signals an SOS.

    Raises `Unreadable`. Without a readable timestamp its time is `now`. `app`: the request's User-Agent.
    """
    device = next((parameters[name] for name in DEVICE_NAMES if parameters.get(name)), None)
    if device is None:
        raise UnnamedDevice(field="id", reason="missing")
    alarm = alarm_of((parameters.get("alarm"), parameters.get("event")))
    lat, lon = _coordinates(parameters)
    if not lat or not lon or parameters.get("valid", "true").lower() in INVALID:
        if alarm is None:
            return None
        lat = lon = ""
    x, y = place_or_alarm(lon, lat, alarm=alarm)
    optional = OptionalFields()
    at = optional.moment(parameters["timestamp"], "timestamp", now=now) if "timestamp" in parameters else now
    return Reading(
        devices=(device,),
        force_id=None,
        at=at,
        x=x,
        y=y,
        datum=address.datum,
        dialect="osmand",
        speed_mps=optional.quantity(parameters.get("speed"), "speed", unit=_speed_unit(parameters, address, app)),
        heading=optional.direction(parameters.get("bearing", parameters.get("heading")), "heading"),
        accuracy_m=optional.quantity(parameters.get("accuracy", parameters.get("hdop")), "accuracy"),
        battery=optional.share(parameters.get("batt"), "batt", whole=100),
        mock=is_mock(parameters),
        alarm=alarm,
        dropped=tuple(optional.dropped),
    )


def read_json(body: bytes, *, address: Address = NOTHING_STATED, now: datetime) -> list[Reading | Unreadable]:
    """Read the positions in the JSON of newer apps: one, or several that an app kept while it was offline.

    Raises `Unreadable`. What has neither coordinates nor an SOS is left out.
    """
    given = parsed(body)
    message = {"location": given} if isinstance(given, list) else as_object(given, "body")
    device = _device(message, address)
    if "location" not in message and alarm_of((message.get("alarm"), message.get("event"))) is None:
        raise Unreadable(field="location", reason="missing")
    held = message.get("location")
    locations = held or [None] if isinstance(held, list) else [held]
    readings = [read_location(one, device=device, message=message, address=address, now=now) for one in locations]
    return [reading for reading in readings if reading is not None]


def _device(message: Mapping[str, Any], address: Address) -> str:
    device = message.get("device_id")
    if isinstance(device, str | int) and not isinstance(device, bool) and device != "":
        return str(device)
    if address.device is None:
        raise UnnamedDevice(field="device_id", reason="missing")
    return address.device


def _speed_unit(parameters: Mapping[str, str], address: Address, app: str) -> float:
    """Return the unit of `speed`: as the address states; metres a second from OsmAnd, which is known by its name or by
    its `hdop` without `accuracy`; else Traccar's knots.
    """
    if address.speed_unit_mps is not None:
        return address.speed_unit_mps
    is_osmand = app.startswith("OsmAnd") or ("hdop" in parameters and "accuracy" not in parameters)
    return SPEED_UNITS["mps" if is_osmand else "knots"]


def _coordinates(parameters: Mapping[str, str]) -> tuple[str, str]:
    """Return latitude and longitude, from two parameters or from `location=lat,lon`."""
    lat, comma, lon = parameters.get("location", "").partition(",")
    if comma:
        return lat, lon
    lat, lon = (next((parameters[name] for name in names if name in parameters), "") for names in (LAT, LON))
    return lat, lon
