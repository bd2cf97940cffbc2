"""Files that somebody sends over HTTP, read as tables."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Self

from geo.datum import Datum
from geo.errors import ErrorKind, MaplebridgeError
from ingest.files.choices import Choices
from ingest.files.problems import FileRefused
from ingest.files.reading import read_table
from ingest.files.table import Table

SUFFIXES = frozenset(
    {
        ".gpkg",
        ".geojson",
        ".json",
        ".zip",
        ".kml",
        ".kmz",
        ".fgb",
        ".csv",
        ".xlsx",
        ".parquet",
        ".tab",
        ".mif",
        ".ics",
        ".gz",
    }
)
MARKS = ((b"fgb\x03fgb", ".fgb"), (b"sqlite format 3", ".gpkg"), (b"!table", ".tab"))
"""Beginnings of files that are told by their suffix, for those that come without a name."""


class FileUnusable(MaplebridgeError):
    """The file cannot be read as lines. `problems`: `{code, row, field, params}` each, codes as `maplebridge import`
    has them; `reason` is the first one's code.
    """

    code = "plan.file"
    kind = ErrorKind.INVALID

    @classmethod
    def of(cls, refused: FileRefused) -> Self:
        problems = [problem.as_json() for problem in refused.problems]
        return cls(reason=problems[0]["code"], problems=problems, count=len(problems))


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent, with its name, and what the sender says of it."""

    name: str
    content: bytes
    datum: Datum = Datum.WGS84
    crs: str | None = None
    layer: str | None = None
    swap_xy: bool = False


def read_sent(file: SentFile) -> Table:
    """Parse a file in a sandboxed process. Raises `FileRefused`."""
    with TemporaryDirectory(prefix="maplebridge-") as folder:
        path = Path(folder) / f"sent{_suffix(file)}"
        path.write_bytes(file.content)
        return read_table(path, Choices(layer=file.layer))


def _suffix(file: SentFile) -> str:
    """Return the file's suffix where it is a known one, else the one that its content has."""
    known = PurePosixPath(file.name.replace("\\", "/")).suffix.lower()
    if known in SUFFIXES:
        return known
    return next((suffix for mark, suffix in MARKS if file.content.lower().startswith(mark)), "")
