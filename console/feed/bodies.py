"""Building bodies of events, open and masked: JSON-ready values."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from geo.cells import centre, from_hex, parent, to_hex

WALL_RESOLUTION = 9
"""H3 resolution to which a wall blurs a place: cells of about 0.1 km²."""

Body = dict[str, Any]


def utc_text(moment: datetime | None) -> str | None:
    """RFC 3339 as the wire schemas write it, so that an event and an answer are equal to the letter."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def select_fields(body: Body, fields: Collection[str]) -> Body:
    """These fields of a body, and no other."""
    return {name: value for name, value in body.items() if name in fields}


def shorten_path(path: str, last: str | None) -> str:
    """The path down to the division `last`, or its root alone: the leaf of a path can be a single courtyard."""
    labels = path.split(".")
    return ".".join(labels[: labels.index(last) + 1]) if last in labels else labels[0]


def blur_place(cell: str) -> Body:
    """`cell`, `lon` and `lat` of the coarse cell around a place."""
    coarse = parent(from_hex(cell), WALL_RESOLUTION)
    lon, lat = centre(coarse)
    return {"cell": to_hex(coarse), "lon": lon, "lat": lat}
