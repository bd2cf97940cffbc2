"""Find a row's coordinates: in two columns, or both in one. Pure."""

from math import isfinite
from typing import Any, NamedTuple

from ingest.files.coordinates import MOST, Angle, Axis, NotACoordinateText, read_angle, read_pair
from ingest.files.mapping import FieldMapping
from ingest.files.table import Record

POINT_FIELDS = ("lon", "lat", "lonlat", "latlon", "position", "wkt")
"""Fields of a point. The last four hold both coordinates; the names of two tell their order."""
ORDERS: tuple[tuple[str, Axis | None], ...] = (("lonlat", "lon"), ("latlon", "lat"), ("position", None), ("wkt", None))
LONGEST_SHOWN = 60


class Fault(NamedTuple):
    """Problem of a row's coordinates: its code, field and params."""

    code: str
    field: str
    params: dict[str, Any]


class WrittenPlace(NamedTuple):
    """A row's longitude and latitude as written, or why there are none."""

    lon: float = 0.0
    lat: float = 0.0
    faults: tuple[Fault, ...] = ()


def written_place(fields: FieldMapping, record: Record) -> WrittenPlace:
    """Read a row's coordinates, in degrees of the file's datum."""
    lon, lat = (fields.raw(record, name) for name in ("lon", "lat"))
    if not _is_blank(lon) and not _is_blank(lat):
        return _from_two(lon, lat)
    for field, first in ORDERS:
        value = fields.raw(record, field)
        if not _is_blank(value):
            return _from_one(value, field, first)
    for field, value in (("lon", lon), ("lat", lat)):
        if isinstance(value, str) and not _is_blank(value) and (found := _from_one(value, field, None)).faults == ():
            return found
    missing = (field for field, value in (("lon", lon), ("lat", lat)) if _is_blank(value))
    return WrittenPlace(faults=tuple(Fault("field.missing", field, {}) for field in missing))


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _from_one(value: Any, field: str, first: Axis | None) -> WrittenPlace:
    try:
        return WrittenPlace(*read_pair(value, first=first))
    except NotACoordinateText as refused:
        return WrittenPlace(faults=(Fault(refused.code, field, {"value": str(value)[:LONGEST_SHOWN]}),))


def _from_two(lon: Any, lat: Any) -> WrittenPlace:
    """Read both columns. Letters of the hemispheres count even where the columns are exchanged."""
    angles, faults = [], []
    for field, value in (("lon", lon), ("lat", lat)):
        angle, fault = _angle(field, value)
        angles.append(angle)
        faults += [fault] if fault else []
    if faults:
        return WrittenPlace(faults=tuple(faults))
    axes = (angles[0].axis or "lon", angles[1].axis or "lat")
    if axes == ("lat", "lon"):
        angles.reverse()
    elif axes != ("lon", "lat"):
        return WrittenPlace(faults=(Fault("coordinate.swapped", "lon", {}),))
    return WrittenPlace(angles[0].degrees, angles[1].degrees)


def _angle(field: str, value: Any) -> tuple[Angle, Fault | None]:
    shown = {"value": str(value)[:LONGEST_SHOWN]}
    try:
        angle = read_angle(value)
    except NotACoordinateText:
        return Angle(0.0), Fault("number.broken", field, shown)
    if not isfinite(angle.degrees):
        return angle, Fault("number.not_finite", field, shown)
    if abs(angle.degrees) > MOST:
        return angle, Fault("number.out_of_range", field, {**shown, "least": -MOST, "most": MOST})
    return angle, None
