"""Parquet, with geometry if it has a WKB column."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely
from pyarrow import parquet

from ingest.files.limits import Limits
from ingest.files.problems import refuse
from ingest.files.table import Record, Table

GEOMETRY = "geometry"


def read_parquet(path: Path, limits: Limits) -> Table:
    """The rows of a Parquet file; `Record.row` counts them from 1. A binary column `geometry` is taken as WKB."""
    try:
        file = parquet.ParquetFile(path)
        if file.metadata.num_rows > limits.rows:
            raise refuse("table.too_many_rows", limit=limits.rows)
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise refuse("parquet.broken") from error
    if table.num_columns > limits.columns:
        raise refuse("table.too_many_columns", limit=limits.columns, found=table.num_columns)
    names = [n for n in table.column_names if n != GEOMETRY]
    columns = [[_plain(v) for v in table[n].to_pylist()] for n in names]
    geometries = _geometries(table)
    records = [
        Record(row=i + 1, values=dict(zip(names, row, strict=True)), geometry=geometries[i] if geometries else None)
        for i, row in enumerate(zip(*columns, strict=True))
    ]
    return Table(columns=names, records=records)


def _geometries(table: pa.Table) -> list[Any] | None:
    if GEOMETRY not in table.column_names:
        return None
    try:
        return list(shapely.from_wkb(table[GEOMETRY].to_pylist()))
    except (TypeError, shapely.errors.GEOSException) as error:
        raise refuse("geometry.broken") from error


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value != value:
        return None
    return ";".join(map(str, value)) if isinstance(value, list) else value
