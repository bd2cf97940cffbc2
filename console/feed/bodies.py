"""Parts of open and masked event bodies, JSON-ready."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from geo.cells import centre, to_hex
from geo.masking import mask_cell

Body = dict[str, Any]


def utc_text(moment: datetime | None) -> str | None:
    """Format a time by RFC 3339 as the wire schemas do, so that events and responses are identical."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def select_fields(body: Body, fields: Collection[str]) -> Body:
    """Return these fields of a body only."""
    return {name: value for name, value in body.items() if name in fields}


def shorten_path(path: str, last: str | None) -> str:
    """Cut a path after the division `last`, or else after its root: the leaf can be a single courtyard."""
    labels = path.split(".")
    return ".".join(labels[: labels.index(last) + 1]) if last in labels else labels[0]


def masked_place(lon: float | None, lat: float | None) -> Body:
    """Return `cell`, `lon` and `lat` of the masked cell around a place, None where there is no place."""
    if lon is None or lat is None:
        return {"cell": None, "lon": None, "lat": None}
    cell = mask_cell(lon, lat)
    lon, lat = centre(cell)
    return {"cell": to_hex(cell), "lon": lon, "lat": lat}
