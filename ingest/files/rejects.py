"""Write the rows that were left out as CSV, in the file's own columns, to be mended and imported again."""

import csv
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from ingest.files.numbers import read_number
from ingest.files.problems import Problem
from ingest.files.table import REJECTED_BECAUSE, REJECTED_ROW, Record, Table
from layers.exports.rules import defused

WKT = "wkt"


def write_rejects(path: Path, table: Table, problems: Sequence[Problem], *, reason: Callable[[Problem], str]) -> int:
    """Write each row with a problem once, with its number and reasons, and return how many there are.

    The encoding is UTF-8 with a mark, without which Excel would not know it.
    """
    reasons: dict[int, list[str]] = defaultdict(list)
    for problem in problems:
        if problem.row is not None:
            reasons[problem.row].append(f"{problem.field or ''} {reason(problem)}".strip())
    records = {record.row: record for record in _in_degrees(table, reasons)}
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        columns = [name for name in table.columns if name and name not in (REJECTED_ROW, REJECTED_BECAUSE)]
        shapes = [WKT] if any(record.geometry is not None for record in records.values()) else []
        writer.writerow([*map(defused, columns), *shapes, REJECTED_ROW, REJECTED_BECAUSE])
        for row in sorted(reasons):
            cells = _cells(records.get(row), columns, with_shape=bool(shapes))
            writer.writerow([*cells, row, "; ".join(dict.fromkeys(reasons[row]))])
    return len(reasons)


def _in_degrees(table: Table, rows: Collection[int]) -> list[Record]:
    """Return the records of these rows. A CSV declares no coordinate system, so their geometries are in WGS-84."""
    records = [record for record in table.records if record.row in rows]
    if table.crs is None:
        return records
    shapes = gpd.GeoSeries([record.geometry for record in records], crs=table.crs).to_crs("EPSG:4326")
    return [replace(record, geometry=shape) for record, shape in zip(records, shapes, strict=True)]


def _cells(record: Record | None, columns: Sequence[str], *, with_shape: bool) -> list[str]:
    values: Mapping[str, Any] = {} if record is None else record.values
    cells = [_text(values.get(name)) for name in columns]
    if with_shape:
        shape = None if record is None else record.geometry
        cells.append("" if shape is None else shapely.to_wkt(shape, rounding_precision=-1, trim=True))
    return cells


def _text(value: Any) -> str:
    """Return a cell's text, defused unless it is a number."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    try:
        read_number(value)
    except ValueError:
        return defused(value)
    return value
