"""The OwnTracks format: JSON by HTTP POST, speed in km/h, battery in per cent. (https://owntracks.org/booklet)"""

from datetime import UTC, datetime
from typing import Any

import orjson

from geo.datum import Datum
from ingest.positions.reading import Reading, Unreadable, direction, number, place, quantity, share

KMH_MPS = 1 / 3.6


def read_message(body: bytes) -> Reading | None:
    """Read the position of a message; None for the app's other messages, among them the empty one. Raises
    `Unreadable`.
    """
    if not body:
        return None
    message = _parsed(body)
    if message.get("_type") != "location":
        return None
    x, y = place(message.get("lon"), message.get("lat"))
    return Reading(
        devices=_devices(message),
        force_id=None,
        at=_moment(message.get("tst")),
        x=x,
        y=y,
        datum=Datum.WGS84,
        dialect="owntracks",
        speed_mps=quantity(message.get("vel"), "vel", unit=KMH_MPS),
        heading=direction(message.get("cog"), "cog"),
        accuracy_m=quantity(message.get("acc"), "acc"),
        battery=share(message.get("batt"), "batt", whole=100),
    )


def _devices(message: dict[str, Any]) -> tuple[str, ...]:
    """Return the topic, then the tracker id: two phones of one team may share a tracker id of two letters."""
    names = (message.get("topic"), message.get("tid"))
    found = tuple(name for name in names if isinstance(name, str) and name)
    if not found:
        raise Unreadable(field="tid", reason="missing")
    return found


def _moment(value: object) -> datetime:
    try:
        return datetime.fromtimestamp(number(value, "tst"), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(field="tst", reason="datetime") from None


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable(field="body", reason="json") from None
    if not isinstance(message, dict):
        raise Unreadable(field="body", reason="object")
    return message
