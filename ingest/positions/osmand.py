"""The OsmAnd format of the Traccar phone apps: parameters, and since their version 9 JSON.

The two differ in units. Parameters give speed in knots and the battery in per cent; JSON gives metres a second and a
fraction of 1. (https://www.traccar.org/osmand)
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from geo.datum import Datum
from ingest.positions.reading import Reading, Unreadable, direction, number, place, quantity, share

KNOT_MPS = 1852 / 3600
SECONDS_BELOW = 2**31 - 1
"""Larger timestamps are milliseconds."""


def read_parameters(parameters: Mapping[str, str], *, now: datetime) -> Reading | None:
    """Read a position from query or form parameters; None if the app marks it invalid or gives no coordinates.

    Raises `Unreadable`. Without a timestamp its time is `now`.
    """
    device = parameters.get("id") or parameters.get("deviceid")
    if not device:
        raise Unreadable(field="id", reason="missing")
    lat, lon = _coordinates(parameters)
    if lat is None or lon is None or parameters.get("valid", "true").lower() in ("false", "0"):
        return None
    x, y = place(lon, lat)
    return Reading(
        devices=(device,),
        force_id=None,
        at=moment(parameters["timestamp"]) if "timestamp" in parameters else now,
        x=x,
        y=y,
        datum=Datum.WGS84,
        dialect="osmand",
        speed_mps=quantity(parameters.get("speed"), "speed", unit=KNOT_MPS),
        heading=direction(parameters.get("bearing", parameters.get("heading")), "heading"),
        accuracy_m=quantity(parameters.get("accuracy"), "accuracy"),
        battery=share(parameters.get("batt"), "batt", whole=100),
    )


def read_json(body: bytes, *, now: datetime) -> Reading | None:
    """Read a position from the JSON of newer apps; None if it has no coordinates. Raises `Unreadable`."""
    message = _object(_parsed(body), "body")
    device = message.get("device_id")
    if not isinstance(device, str | int) or isinstance(device, bool) or device == "":
        raise Unreadable(field="device_id", reason="missing")
    location = _object(message.get("location") or {}, "location")
    coords = _object(location.get("coords") or {}, "location.coords")
    if "latitude" not in coords or "longitude" not in coords:
        return None
    x, y = place(coords["longitude"], coords["latitude"])
    battery = _object(location.get("battery") or {}, "location.battery")
    return Reading(
        devices=(str(device),),
        force_id=None,
        at=moment(str(location["timestamp"])) if "timestamp" in location else now,
        x=x,
        y=y,
        datum=Datum.WGS84,
        dialect="osmand",
        speed_mps=quantity(coords.get("speed"), "speed"),
        heading=direction(coords.get("heading"), "heading"),
        accuracy_m=quantity(coords.get("accuracy"), "accuracy"),
        battery=share(battery.get("level"), "battery.level"),
    )


def moment(text: str) -> datetime:
    """Parse seconds or milliseconds since 1970, ISO 8601, or `yyyy-MM-dd HH:mm:ss`; UTC if no zone is given."""
    try:
        if text.lstrip("-").replace(".", "", 1).isdigit():
            stamp = number(text, "timestamp")
            return datetime.fromtimestamp(stamp if stamp < SECONDS_BELOW else stamp / 1000, UTC)
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(field="timestamp", reason="datetime") from None


def _coordinates(parameters: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return latitude and longitude, from two parameters or from `location=lat,lon`."""
    lat, comma, lon = parameters.get("location", "").partition(",")
    return (lat, lon) if comma else (parameters.get("lat"), parameters.get("lon"))


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable(field="body", reason="json") from None


def _object(value: Any, field: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(field=field, reason="object")
    return value
