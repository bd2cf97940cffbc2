"""Give geometries to rows whose coordinates stand in columns, where they are not degrees."""

from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from ingest.files.crs import require_degrees, to_geographic
from ingest.files.mapping import FieldMapping
from ingest.files.numbers import read_number
from ingest.files.places import written_place
from ingest.files.polygon_text import NotAPolygonText, read_polygon
from ingest.files.table import Record, Table

SAMPLED_ROWS = 1000
"""Rows by which metres are recognised."""


def columns_to_geographic(table: Table, fields: FieldMapping, given: str | None) -> Table:
    """Convert rows without a geometry from their columns, in the coordinate system `given`, to degrees on WGS-84.

    Rows that cannot be read are left as they are: their problems are found where rows are read. Raises FileRefused for
    metres if no system is given.
    """
    bare = [i for i, record in enumerate(table.records) if record.geometry is None]
    if not bare:
        return table
    if given is None:
        sample = (_numbers(table.records[i], fields) for i in bare[:SAMPLED_ROWS])
        require_degrees(np.array([pair for pair in sample if pair is not None], dtype=np.float64))
        return table
    in_degrees = CRS.from_user_input(given).is_geographic
    shapes = (_shape_of(table.records[i], fields, in_degrees=in_degrees) for i in bare)
    found = [(i, shape) for i, shape in zip(bare, shapes, strict=True) if shape is not None]
    some = [replace(table.records[i], geometry=shape) for i, shape in found]
    moved = to_geographic(replace(table, records=some), given)
    records = list(table.records)
    for (i, _), record in zip(found, moved.records, strict=True):
        records[i] = record
    return replace(table, records=records, notes=moved.notes)


def _shape_of(record: Record, fields: FieldMapping, *, in_degrees: bool) -> BaseGeometry | None:
    if (pair := _numbers(record, fields)) is not None:
        return shapely.Point(pair)
    if in_degrees and not (place := written_place(fields, record)).faults:
        return shapely.Point(place.lon, place.lat)
    try:
        return read_polygon(str(fields.raw(record, "wkt") or ""), any_system=True)
    except NotAPolygonText:
        return None


def _numbers(record: Record, fields: FieldMapping) -> tuple[float, float] | None:
    """Return the two coordinates as numbers; None if one is missing or written otherwise."""
    try:
        x, y = (read_number(_present(fields.raw(record, name))) for name in ("lon", "lat"))
    except (ValueError, TypeError, OverflowError):
        return None
    return (x, y) if np.isfinite([x, y]).all() else None


def _present(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        raise ValueError
    return value
