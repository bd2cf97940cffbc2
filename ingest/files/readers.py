"""Detect a file's format by content, and write its rows for the parent process.

Only the needed parser is imported: importing all would take seconds of the time limit.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

from ingest.files.limits import Limits
from ingest.files.problems import refuse
from ingest.files.rows import RowWriter, row_writer
from ingest.files.table import TableHeader
from ingest.files.zips import unpack

SNIFFED = 4096
CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
GDAL_FORMATS = {".fgb": b"fgb\x03fgb", ".tab": b"!table", ".mif": b"version"}
"""First bytes, in lower case, of formats that are chosen by suffix."""
COLUMN_CHARS = 200


def read(path: Path, target: Path, *, layer: str | None, scratch: Path, limits: Limits) -> TableHeader:
    """Write the file's rows to `target` and return its header. Raises FileRefused."""
    if not path.exists():
        raise refuse("file.missing")
    if not path.is_file():
        raise refuse("file.not_a_file")
    if path.stat().st_size > limits.file_bytes:
        raise refuse("file.too_large", limit=limits.file_bytes)
    with row_writer(target, limits) as rows:
        heading = _heading(path, rows, layer=layer, scratch=scratch)
        _check_columns(heading, limits)
    return heading


def _check_columns(heading: TableHeader, limits: Limits) -> None:
    if len(heading.columns) > limits.columns:
        raise refuse("table.too_many_columns", limit=limits.columns, found=len(heading.columns))
    if any(len(name) > COLUMN_CHARS for name in heading.columns):
        raise refuse("table.column_name_long", limit=COLUMN_CHARS)


def _heading(path: Path, rows: RowWriter, *, layer: str | None, scratch: Path) -> TableHeader:
    with path.open("rb") as stream:
        head = stream.read(SNIFFED)
    if head.startswith(b"PK"):
        return _read_zip(path, rows, layer=layer, scratch=scratch)
    if head.startswith(b"SQLite format 3\0"):
        return _call_reader("vector.read_geopackage", path, rows, layer=layer)
    if head.startswith(b"PAR1"):
        return _call_reader("parquet.read_parquet", path, rows)
    if head.startswith(b"\x00\x00\x27\x0a"):
        return _call_reader("vector.read_shapefile", path, rows)
    suffix = path.suffix.lower()
    if suffix in GDAL_FORMATS and head.lower().startswith(GDAL_FORMATS[suffix]):
        return _call_reader("vector.read_other", path, rows, layer=layer)
    return _read_text(path, head.removeprefix(b"\xef\xbb\xbf").lstrip(), rows)


def _call_reader(reader: str, *words: Any, **named: Any) -> TableHeader:
    """Call a reader, `module.function` of this folder."""
    module, _, name = reader.partition(".")
    heading = getattr(import_module(f"ingest.files.{module}"), name)(*words, **named)
    assert isinstance(heading, TableHeader)
    return heading


def _read_text(path: Path, head: bytes, rows: RowWriter) -> TableHeader:
    if head.startswith(b"<"):
        if b"<kml" in head or path.suffix.lower() == ".kml":
            return _call_reader("kml.read_kml", path, rows)
        raise refuse("file.unknown_format")
    if head.startswith((b"{", b"[", b"\x1e")) and path.suffix.lower() not in CSV_SUFFIXES:
        return _call_reader("geojson.read_geojson", path, rows)
    if path.suffix.lower() in CSV_SUFFIXES:
        return _call_reader("text.read_csv", path, rows)
    if path.suffix.lower() == ".kml":
        return _call_reader("kml.read_kml", path, rows)
    raise refuse("file.unknown_format")


def _read_zip(path: Path, rows: RowWriter, *, layer: str | None, scratch: Path) -> TableHeader:
    """Read XLSX, KMZ, or an archive with exactly one Shapefile."""
    parts = unpack(path, scratch, rows.limits)
    if any(p.name == "workbook.xml" for p in parts):
        return _call_reader("sheets.read_xlsx", path, parts, rows, layer=layer)
    shapes = [p for p in parts if p.suffix.lower() == ".shp"]
    if len(shapes) == 1:
        return _call_reader("vector.read_shapefile", _collect_shapefile(shapes[0], parts, scratch), rows)
    placemarks = [p for p in parts if p.suffix.lower() == ".kml"]
    if not shapes and len(placemarks) == 1:
        return _call_reader("kml.read_kml", placemarks[0], rows)
    raise refuse("zip.contents", shapefiles=len(shapes), kml=len(placemarks))


def _collect_shapefile(shape: Path, parts: list[Path], scratch: Path) -> Path:
    """Move the Shapefile's parts into one folder under one name: each entry was unpacked into its own folder."""
    for part in parts:
        if part.stem.lower() == shape.stem.lower():
            part.rename(scratch / f"shape{part.suffix.lower()}")
    return scratch / "shape.shp"
