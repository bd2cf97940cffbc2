"""Read Parquet, with geometries if it has a WKB column."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import shapely
from pyarrow import parquet

from ingest.files.headers import checked_columns
from ingest.files.problems import refuse
from ingest.files.rows import RowWriter
from ingest.files.table import Record, TableHeader

GEOMETRY = "geometry"
BATCH_ROWS = 1000


def read_parquet(path: Path, rows: RowWriter) -> TableHeader:
    """Read the rows of a Parquet file; `Record.row` counts them from 1. A binary column `geometry` is WKB."""
    try:
        with parquet.ParquetFile(path) as file:
            if file.metadata.num_rows > rows.limits.rows:
                raise refuse("table.too_many_rows", limit=rows.limits.rows)
            names = checked_columns([n for n in file.schema_arrow.names if n != GEOMETRY], rows.limits)
            number = 0
            for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                for number, record in enumerate(_records(batch, names), start=number + 1):  # noqa: B020 (goes on)
                    rows.add(Record(row=number, values=record.values, geometry=record.geometry))
    except pa.ArrowMemoryError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise refuse("parquet.broken") from error
    return TableHeader(columns=names)


def _records(batch: pa.RecordBatch, names: Sequence[str]) -> Iterator[Record]:
    columns = [[_plain(v) for v in _in_microseconds(batch[n]).to_pylist()] for n in names]
    geometries = _geometries(batch)
    for i, row in enumerate(zip(*columns, strict=True)):
        yield Record(row=i, values=dict(zip(names, row, strict=True)), geometry=geometries[i] if geometries else None)


def _in_microseconds(column: pa.Array) -> pa.Array:
    """Truncate times to microseconds, Python's resolution."""
    if not pa.types.is_timestamp(column.type):
        return column
    return column.cast(pa.timestamp("us", column.type.tz), safe=False)


def _geometries(batch: pa.RecordBatch) -> list[Any] | None:
    if GEOMETRY not in batch.schema.names:
        return None
    try:
        return list(shapely.from_wkb(batch[GEOMETRY].to_pylist()))
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
