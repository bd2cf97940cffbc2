"""Detect a file's format by content, and write its rows for the parent process.

Only the needed parser is imported: importing all would take seconds of the time limit.
"""

import codecs
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from ingest.files.choices import Choices
from ingest.files.encodings import decide_file
from ingest.files.geopackage_log import beside
from ingest.files.limits import Limits
from ingest.files.problems import FileRefused, refuse
from ingest.files.rows import RowWriter, row_writer
from ingest.files.table import TableHeader
from ingest.files.text import delimiter_of, sample_of
from ingest.files.zips import gunzip, unpack

SNIFFED = 4096
CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".tab"})
GDAL_FORMATS = {".fgb": b"fgb\x03fgb", ".tab": b"!table", ".mif": b"version"}
"""First bytes, in lower case, of formats that are chosen by suffix."""
OTHER_JSON = ('"Topology"', '"esriGeometryPolygon"', '"esriGeometryPoint"')
"""Words in the beginning of TopoJSON and of ESRI's JSON."""
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GZIP = b"\x1f\x8b"
SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
COLUMN_CHARS = 200
WORKBOOK_SUFFIXES = frozenset({".xls", ".xlsx", ".et"})
"""A text with one of these is meant as a table, and its encoding's refusal tells more than an unknown format."""
NOT_OF_THE_FILE = ("._", ".DS_Store")
"""Beginnings of names that macOS adds to archives: `__MACOSX/._towns.shp` is no Shapefile."""
ZIPPED_TABLES = frozenset({*CSV_SUFFIXES, ".geojson", ".json", ".gpkg", ".fgb"})


def read(path: Path, target: Path, *, choices: Choices, scratch: Path, limits: Limits) -> TableHeader:
    """Write the file's rows to `target` and return its header. Raises FileRefused."""
    if not path.exists():
        raise refuse("file.missing")
    if not path.is_file():
        raise refuse("file.not_a_file")
    if path.stat().st_size > limits.file_bytes:
        raise refuse("file.too_large", limit=limits.file_bytes)
    with row_writer(target, limits, keep_bad_rows=choices.keep_bad_rows) as rows:
        heading = _heading(path, rows, choices, scratch=scratch)
        _check_columns(heading, limits)
    return replace(heading, problems=tuple(rows.problems), notes=[*heading.notes, *rows.notes()])


def _check_columns(heading: TableHeader, limits: Limits) -> None:
    if len(heading.columns) > limits.columns:
        raise refuse("table.too_many_columns", limit=limits.columns, found=len(heading.columns))
    if any(len(name) > COLUMN_CHARS for name in heading.columns):
        raise refuse("table.column_name_long", limit=COLUMN_CHARS)


def _heading(path: Path, rows: RowWriter, choices: Choices, *, scratch: Path) -> TableHeader:
    with path.open("rb") as stream:
        head = stream.read(SNIFFED)
    if head.startswith(GZIP):
        return _heading(gunzip(path, scratch, rows.limits), rows, choices, scratch=scratch)
    if head.startswith(b"PK"):
        return _read_zip(path, rows, choices, scratch=scratch)
    if head.startswith(OLD_WORKBOOK):
        return _call_reader("workbooks.read_old_workbook", path, rows, choices)
    if head.startswith(b"SQLite format 3\0"):
        return _call_reader("vector.read_geopackage", path, rows, layer=choices.layer, scratch=scratch)
    if head.startswith(b"PAR1"):
        return _call_reader("parquet.read_parquet", path, rows)
    if head.startswith(b"\x00\x00\x27\x0a"):
        return _call_reader("vector.read_shapefile", path, rows, given=choices.encoding)
    suffix = path.suffix.lower()
    if suffix in GDAL_FORMATS and head.lower().startswith(GDAL_FORMATS[suffix]):
        return _call_reader("vector.read_other", path, rows, layer=choices.layer)
    return _read_text(path, _as_text(head), rows, choices)


def _as_text(head: bytes) -> str:
    """Return the beginning of a text, in which only ASCII is looked at."""
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return head.decode("utf-16" if marked else "utf-8-sig", "replace").lstrip()


def _call_reader(reader: str, *words: Any, **named: Any) -> TableHeader:
    """Call a reader, `module.function` of this folder."""
    module, _, name = reader.partition(".")
    heading = getattr(import_module(f"ingest.files.{module}"), name)(*words, **named)
    assert isinstance(heading, TableHeader)
    return heading


def _read_text(path: Path, head: str, rows: RowWriter, choices: Choices) -> TableHeader:
    suffix = path.suffix.lower()
    if head.upper().startswith("BEGIN:VCALENDAR"):
        return _call_reader("calendars.read_calendar", path, rows, choices)
    if head.startswith("MIME-Version:"):
        raise refuse("file.web_archive")
    if head.startswith("<"):
        return _read_markup(path, head, rows, choices)
    if head.startswith("{") and any(word in head for word in OTHER_JSON):
        return _call_reader("vector.read_other", path, rows, layer=choices.layer)
    if head.startswith(("{", "[", "\x1e")) and suffix not in CSV_SUFFIXES:
        return _call_reader("geojson.read_geojson", path, rows, given=choices.encoding)
    if suffix == ".kml":
        return _call_reader("kml.read_kml", path, rows, given=choices.encoding)
    if suffix in CSV_SUFFIXES or _is_in_columns(path, choices):
        return _call_reader("text.read_csv", path, rows, choices)
    raise refuse("file.unknown_format")


def _read_markup(path: Path, head: str, rows: RowWriter, choices: Choices) -> TableHeader:
    if "<kml" in head or path.suffix.lower() == ".kml":
        return _call_reader("kml.read_kml", path, rows, given=choices.encoding)
    if SPREADSHEET in head:
        return _call_reader("markup.read_xml_spreadsheet", path, rows, choices)
    if re.search(r"<(html|head|meta|body|table|!doctype html)\b", head, re.IGNORECASE):
        return _call_reader("markup.read_html", path, rows, choices)
    raise refuse("file.unknown_format")


def _is_in_columns(path: Path, choices: Choices) -> bool:
    """Return whether a text with another format's suffix is in columns all the same, as a CSV saved as .xls is."""
    try:
        encoding = decide_file(path, given=choices.encoding).name
    except FileRefused as refused:
        if path.suffix.lower() in WORKBOOK_SUFFIXES and refused.problems[0].code != "text.binary":
            raise
        return False
    lines = [line for line in sample_of(path, encoding, SNIFFED) if line.strip()]
    delimiter = delimiter_of(lines)
    return delimiter is not None and sum(delimiter in line for line in lines) >= 2


def _read_zip(path: Path, rows: RowWriter, choices: Choices, *, scratch: Path) -> TableHeader:
    """Read a workbook, KMZ, or an archive with exactly one Shapefile, KML or table."""
    parts = [part for part in unpack(path, scratch, rows.limits) if not part.name.startswith(NOT_OF_THE_FILE)]
    if any(p.name == "workbook.xml" for p in parts):
        return _call_reader("sheets.read_xlsx", path, parts, rows, choices)
    if any(p.name == "workbook.bin" for p in parts) or _is_open_document(parts):
        return _call_reader("workbooks.read_zipped_workbook", path, parts, rows, choices)
    shapes = [p for p in parts if p.suffix.lower() == ".shp"]
    if len(shapes) > 1:
        shapes = _chosen_shapefile(shapes, choices.layer)
    if len(shapes) == 1:
        shape = _collect_shapefile(shapes[0], parts, scratch)
        return _call_reader("vector.read_shapefile", shape, rows, given=choices.encoding)
    placemarks = [p for p in parts if p.suffix.lower() == ".kml"]
    if not shapes and len(placemarks) == 1:
        return _call_reader("kml.read_kml", placemarks[0], rows, given=choices.encoding)
    tables = [p for p in parts if p.suffix.lower() in ZIPPED_TABLES and not p.name.startswith((".", "__"))]
    if not shapes and not placemarks and len(tables) == 1:
        beside(tables[0], parts)
        return _heading(tables[0], rows, choices, scratch=scratch)
    raise refuse("zip.contents", shapefiles=len(shapes), kml=len(placemarks), tables=len(tables))


def _chosen_shapefile(shapes: list[Path], wanted: str | None) -> list[Path]:
    """Return the one of several Shapefiles that `wanted` names. Raises FileRefused, also for two of one name."""
    names = sorted({shape.stem for shape in shapes})
    if len(names) < len(shapes):
        return shapes
    if wanted not in names:
        raise refuse("file.no_such_layer" if wanted else "file.which_layer", layer=wanted, layers=names)
    return [shape for shape in shapes if shape.stem == wanted]


def _is_open_document(parts: list[Path]) -> bool:
    kinds = (part.read_bytes()[:100] for part in parts if part.name == "mimetype")
    return any(b"opendocument.spreadsheet" in kind for kind in kinds)


def _collect_shapefile(shape: Path, parts: list[Path], scratch: Path) -> Path:
    """Move the Shapefile's parts into one folder under one name: each entry was unpacked into its own folder."""
    for part in parts:
        if part.stem.lower() == shape.stem.lower():
            part.rename(scratch / f"shape{part.suffix.lower()}")
    return scratch / "shape.shp"
