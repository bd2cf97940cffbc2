"""From a file that somebody sends to the rows that a draft is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from geo.coverage.comparing.rows import EditedRow
from geo.datum import Datum
from geo.errors import ErrorKind, MaplebridgeError
from ingest.files.choices import Choices
from ingest.files.edited_lines import read_drawn
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused
from ingest.files.reading import read_table

SUFFIXES = frozenset(
    {".gpkg", ".geojson", ".json", ".zip", ".kml", ".kmz", ".fgb", ".csv", ".xlsx", ".parquet", ".tab", ".mif", ".gz"}
)
MARKS = ((b"fgb\x03fgb", ".fgb"), (b"sqlite format 3", ".gpkg"), (b"!table", ".tab"))
"""Beginnings of files that are told by their suffix, for those that come without a name."""


class FileUnusable(MaplebridgeError):
    """The file cannot be read as lines. `problems`: `{code, row, field, params}` each, codes as `maplebridge import`
    has them; `reason` is the first one's code.
    """

    code = "plan.file"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent, with its name, and what the sender says of it."""

    name: str
    content: bytes
    datum: Datum = Datum.WGS84
    crs: str | None = None
    layer: str | None = None
    swap_xy: bool = False


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The rows of a file in WGS-84, and what the reader decided."""

    rows: Sequence[EditedRow]
    notes: Sequence[Mapping[str, Any]]


def read_edited(file: SentFile) -> ReadFile:
    """Parse a file in a sandboxed process. Raises `FileUnusable`."""
    options = Options(file.datum, crs=file.crs, swap_xy=file.swap_xy)
    try:
        with TemporaryDirectory(prefix="maplebridge-") as folder:
            path = Path(folder) / f"lines{_suffix(file)}"
            path.write_bytes(file.content)
            checked = read_drawn(read_table(path, Choices(layer=file.layer)), options)
    except FileRefused as refused:
        problems = [problem.as_json() for problem in refused.problems]
        raise FileUnusable(reason=problems[0]["code"], problems=problems, count=len(problems)) from refused
    rows = [
        EditedRow(row.code or None, row.shape, row.name or None, row.parent or None, row.kind or None)
        for row in checked.rows
    ]
    return ReadFile(rows, checked.notes)


def _suffix(file: SentFile) -> str:
    """Return the file's suffix where it is a known one, else the one that its content has."""
    known = PurePosixPath(file.name.replace("\\", "/")).suffix.lower()
    if known in SUFFIXES:
        return known
    return next((suffix for mark, suffix in MARKS if file.content.lower().startswith(mark)), "")
