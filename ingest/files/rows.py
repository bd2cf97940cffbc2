"""Pass rows from the parser's process to its parent: counted and written in batches, so that a long file needs no more
memory than a short one.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from ingest.files.garbled import garbled
from ingest.files.limits import Limits
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.table import Record

SCHEMA = pa.schema([("row", pa.int64()), ("values", pa.binary()), ("geometry", pa.binary())])
BATCH_ROWS, BATCH_VERTICES = 2000, 200_000
ENCODE = json.JSONEncoder(default=str, allow_nan=False, ensure_ascii=False).encode
"""Not orjson: it reserves 160 kB for each row, and crashes when it cannot. `json.dumps` makes an encoder a row."""
NAMED = 20
"""Rows that a note names at most."""


class RowWriter:
    """Writes a reader's rows in batches until a limit is exceeded.

    After a problem, rows are only counted, unless `keep_bad_rows`.
    """

    def __init__(self, writer: pa.ipc.RecordBatchStreamWriter, limits: Limits, *, keep_bad_rows: bool = False) -> None:
        self.limits, self.keep_bad_rows = limits, keep_bad_rows
        self.count = self.cells = self.vertices = 0
        self.problems: list[Problem] = []
        self.without_rings: list[int] = []
        self._writer = writer
        self._batch: list[tuple[int, bytes, BaseGeometry | None]] = []
        self._batch_vertices = 0

    def add_problem(self, problem: Problem) -> None:
        """Add a problem. Raises FileRefused at `limits.problems`."""
        self.problems.append(problem)
        if len(self.problems) >= self.limits.problems and not self.keep_bad_rows:
            raise FileRefused(self.problems)

    def notes(self) -> list[dict[str, Any]]:
        """Return the note of rows whose geometry lost rings that enclosed nothing."""
        rows = self.without_rings
        return [{"code": "geometry.rings_dropped", "rows": rows[:NAMED], "count": len(rows)}] if rows else []

    def add(self, record: Record) -> None:
        """Add one row. Raises FileRefused when a limit is exceeded."""
        self.count += 1
        if self.count > self.limits.rows:
            raise refuse("table.too_many_rows", limit=self.limits.rows)
        values = {str(name): value for name, value in record.values.items() if value is not None}
        self.cells += len(values)
        if self.cells > self.limits.cells:
            raise refuse("table.too_many_cells", limit=self.limits.cells)
        self._count_vertices(record)
        self._check_text(record.row, values)
        try:
            packed = ENCODE(values).encode()
        except ValueError:
            self.add_problem(Problem("row.not_text", row=record.row))
            packed = json.dumps({name: ascii(value) for name, value in values.items()}).encode()
        if not self.problems or self.keep_bad_rows:
            self._batch.append((record.row, packed, record.geometry))
            if len(self._batch) >= BATCH_ROWS or self._batch_vertices >= BATCH_VERTICES:
                self._write()

    def _check_text(self, row: int, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if isinstance(value, str) and not value.isascii() and (fault := garbled(value)):
                params = {"value": value[:40], "likely": fault.likely[:40]}
                self.add_problem(Problem(fault.code, row=row, field=name, params=params))

    def _count_vertices(self, record: Record) -> None:
        if record.geometry is None:
            return
        count = int(shapely.get_num_coordinates(record.geometry))
        self.vertices += count
        self._batch_vertices += count
        if count > self.limits.feature_vertices:
            self.add_problem(too_many_vertices(record.row, count, self.limits))
        elif self.vertices > self.limits.file_vertices:
            raise refuse("file.too_many_vertices", limit=self.limits.file_vertices, found=self.vertices)

    def _write(self) -> None:
        rows, values, geometries = zip(*self._batch, strict=True)
        try:
            shapes = shapely.to_wkb(np.array(geometries, dtype=object), output_dimension=2)
        except GEOSException as error:
            raise FileRefused([Problem("geometry.broken", row=row) for row in self._unwritable()]) from error
        columns = zip((rows, values, list(shapes)), SCHEMA, strict=True)
        arrays = [pa.array(column, field.type) for column, field in columns]
        self._writer.write_batch(pa.record_batch(arrays, schema=SCHEMA))
        self._batch, self._batch_vertices = [], 0

    def _unwritable(self) -> Iterator[int]:
        for row, _, geometry in self._batch:
            try:
                shapely.to_wkb(geometry, output_dimension=2)
            except GEOSException:
                yield row

    def finish(self) -> None:
        """Write the last batch. Raises FileRefused with the problems found, or if there was no row."""
        if self.problems and not self.keep_bad_rows:
            raise FileRefused(self.problems)
        if not self.count:
            raise refuse("table.empty")
        if self._batch:
            self._write()


def too_many_vertices(row: int, found: int, limits: Limits) -> Problem:
    params = {"limit": limits.feature_vertices, "found": found}
    return Problem("geometry.too_many_vertices", row=row, params=params)


@contextmanager
def row_writer(target: Path, limits: Limits, *, keep_bad_rows: bool = False) -> Iterator[RowWriter]:
    """Open a writer of rows to an Arrow stream in a file, which `read_records` reads."""
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_stream(sink, SCHEMA) as writer:
        rows = RowWriter(writer, limits, keep_bad_rows=keep_bad_rows)
        yield rows
        rows.finish()


def read_records(source: Path) -> Iterator[Record]:
    """Read written rows. Arrow, JSON and WKB, unlike pickle, cannot execute code."""
    with pa.OSFile(str(source), "rb") as stream, pa.ipc.open_stream(stream) as batches:
        for batch in batches:
            yield from _records(batch)


def _records(batch: Any) -> Iterator[Record]:
    rows, values, geometries = (batch[name].to_pylist() for name in SCHEMA.names)
    unpacked = json.loads(b"[" + b",".join(values) + b"]")  # All at once: a call for each row takes twice as long.
    for row, named, geometry in zip(rows, unpacked, shapely.from_wkb(geometries), strict=True):
        yield Record(row=row, values=named, geometry=geometry)
