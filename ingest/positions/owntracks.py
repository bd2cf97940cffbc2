"""The OwnTracks format: JSON by HTTP POST, speed in km/h, battery in per cent. (https://owntracks.org/booklet)"""

from datetime import datetime
from typing import Any

from geo.datum import Datum
from ingest.positions.address import NOTHING_STATED, SPEED_UNITS, Address, with_stated
from ingest.positions.reading import (
    OptionalFields,
    Reading,
    UnnamedDevice,
    Unreadable,
    as_object,
    is_mock,
    parsed,
    place,
)

LOCATION = "location"
OTHER_TYPES = frozenset(
    {
        "beacon",
        "card",
        "cmd",
        "configuration",
        "dump",
        "lwt",
        "request",
        "status",
        "steps",
        "transition",
        "waypoint",
        "waypoints",
    }
)
"""Messages of the app without a position, which are ignored."""

SENT_BY_HAND = "u"
ANDROID = "Android"


def read_message(body: bytes, *, address: Address = NOTHING_STATED, now: datetime, app: str = "") -> Reading | None:
    """Read the position of a message; None for the app's other messages, among them the empty one.

    Raises `Unreadable`, also for an encrypted message and for one of another app. `app`: the request's User-Agent.
    """
    if not body:
        return None
    message = as_object(parsed(body), "body")
    kind = message.get("_type")
    if isinstance(kind, str) and kind in OTHER_TYPES:
        return None
    if kind != LOCATION:
        raise Unreadable(field="_type", reason="encrypted" if kind == "encrypted" else "unknown")
    return _location(message, address=address, now=now, app=app)


def _location(message: dict[str, Any], *, address: Address, now: datetime, app: str) -> Reading:
    devices = _devices(message, address)
    x, y = place(message.get("lon"), message.get("lat"))
    address = with_stated(address, message)
    optional = OptionalFields()
    unit = address.speed_unit_mps or SPEED_UNITS["kmh"]
    return Reading(
        devices=devices,
        force_id=None,
        at=optional.moment(message.get("tst"), "tst", now=now),
        x=x,
        y=y,
        datum=address.datum,
        usual_datum=_usual_datum(message, app),
        dialect="owntracks",
        speed_mps=optional.quantity(message.get("vel"), "vel", unit=unit),
        heading=optional.direction(message.get("cog"), "cog"),
        accuracy_m=optional.quantity(message.get("acc"), "acc"),
        battery=optional.share(message.get("batt"), "batt", whole=100),
        mock=is_mock(message),
        dropped=tuple(optional.dropped),
    )


def _usual_datum(message: dict[str, Any], app: str) -> Datum:
    """Return GCJ-02 for a position that was sent by hand from an iPhone: its map gives that in China, while the
    positions that the app sends by itself are WGS-84. Android's are WGS-84 always; its app names itself.
    """
    return Datum.GCJ02 if message.get("t") == SENT_BY_HAND and ANDROID not in app else Datum.WGS84


def _devices(message: dict[str, Any], address: Address) -> tuple[str, ...]:
    """Return the address's device, the topic, then the tracker id: two phones of one team may share a tracker id of
    two letters.
    """
    names = (address.device, message.get("topic"), message.get("tid"))
    found = tuple(name for name in names if isinstance(name, str) and name)
    if not found:
        raise UnnamedDevice(field="tid", reason="missing")
    return found
