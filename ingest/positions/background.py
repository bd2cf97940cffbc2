"""Positions from apps with a background-geolocation plugin: Transistor's, or mauron85's and its successors.

The plugins post one location or a batch, bare or under `location`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ingest.positions.address import DEVICE_NAMES, NOTHING_STATED, Address
from ingest.positions.location import read_location
from ingest.positions.reading import Reading, UnnamedDevice, Unreadable, as_object, bounded, parsed


def read_batch(body: bytes, *, address: Address = NOTHING_STATED, now: datetime) -> list[Reading | Unreadable]:
    """Read each location, in order: a reading, or the error in it. Raises `Unreadable` for a body that is no batch.

    The device is named by the address, the message or the location.
    """
    given = parsed(body)
    message = given if isinstance(given, dict) else {}
    locations = message.get("location", given)
    listed = bounded(locations) if isinstance(locations, list) else [locations]
    return [_read(one, message, address=address, now=now) for one in listed]


def _read(value: object, message: Mapping[str, Any], *, address: Address, now: datetime) -> Reading | Unreadable:
    try:
        location = as_object(value, "location")
        device = _device(location, message, address)
    except Unreadable as error:
        return error
    found = read_location(
        location, device=device, message=message, address=address, now=now, dialect="background-geolocation"
    )
    return found or Unreadable(field="location", reason="missing")


def _device(location: Mapping[str, Any], message: Mapping[str, Any], address: Address) -> str:
    extras = location.get("extras")
    parts = [message, location, extras if isinstance(extras, dict) else {}]
    named = (part.get(name) for part in parts for name in DEVICE_NAMES)
    device = address.device or next((name for name in named if isinstance(name, str) and name), None)
    if device is None:
        raise UnnamedDevice(field="device_id", reason="missing")
    return device
