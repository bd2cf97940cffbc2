"""The format of Overland: batches of GeoJSON points, metres a second, battery from 0 to 1.
(https://github.com/aaronpk/Overland-iOS#api)
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.positions.address import NOTHING_STATED, Address, with_stated
from ingest.positions.reading import (
    OptionalFields,
    Reading,
    UnnamedDevice,
    Unreadable,
    as_object,
    bounded,
    is_mock,
    parsed,
    place,
)


def read_batch(body: bytes, *, address: Address = NOTHING_STATED, now: datetime) -> list[Reading | Unreadable]:
    """Read each location, in order: a reading, or the error in it. Raises `Unreadable` for a body that is no batch.

    What the app notes besides, such as a visit or the start of a trip, is a location too.
    """
    locations = as_object(parsed(body), "body").get("locations")
    if not isinstance(locations, list):
        raise Unreadable(field="locations", reason="list")
    return [_read(one, address=address, now=now) for one in bounded(locations)]


def _read(value: object, *, address: Address, now: datetime) -> Reading | Unreadable:
    try:
        feature = as_object(value, "locations")
        properties = as_object(feature.get("properties"), "properties")
        x, y = _place(feature)
        device = _device(properties, address)
    except Unreadable as error:
        return error
    address = with_stated(address, properties)
    optional = OptionalFields()
    return Reading(
        devices=(device,),
        force_id=None,
        at=optional.moment(properties.get("timestamp"), "timestamp", now=now),
        x=x,
        y=y,
        datum=address.datum,
        dialect="overland",
        speed_mps=optional.quantity(properties.get("speed"), "speed", unit=address.speed_unit_mps or 1.0),
        heading=optional.direction(properties.get("course"), "course"),
        accuracy_m=optional.quantity(properties.get("horizontal_accuracy"), "horizontal_accuracy"),
        battery=optional.share(properties.get("battery_level"), "battery_level"),
        mock=is_mock(properties),
        dropped=tuple(optional.dropped),
    )


def _place(feature: Mapping[str, Any]) -> tuple[float, float]:
    coordinates = as_object(feature.get("geometry"), "geometry").get("coordinates")
    if not isinstance(coordinates, list) or len(coordinates) < 2:
        raise Unreadable(field="geometry", reason="point")
    return place(coordinates[0], coordinates[1])


def _device(properties: Mapping[str, Any], address: Address) -> str:
    """Return the device of the address, else the one in the app's settings, which is empty at first."""
    named = address.device or properties.get("device_id")
    if not isinstance(named, str) or not named:
        raise UnnamedDevice(field="device_id", reason="missing")
    return named
