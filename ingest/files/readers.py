"""Which format a file is, by its content, and its rows in the form that crosses the process border.

Only the parser that a file needs is loaded: together they take seconds of the time that a file has.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import shapely
from shapely.errors import GEOSException

from ingest.files.limits import Limits
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.table import Table
from ingest.files.zips import unpacked

SNIFFED = 4096
CSV_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
GDAL_SUFFIXES = frozenset({".fgb", ".tab", ".mif"})
SCHEMA = pa.schema([("row", pa.int64()), ("values", pa.binary()), ("geometry", pa.binary())])


def read(path: Path, *, layer: str | None, scratch: Path, limits: Limits) -> bytes:
    """The file's rows as an Arrow stream. Raises FileRefused."""
    if not path.is_file():
        raise refuse("file.missing")
    if path.stat().st_size > limits.file_bytes:
        raise refuse("file.too_large", limit=limits.file_bytes)
    table = _table(path, layer=layer, scratch=scratch, limits=limits)
    if not table.records:
        raise refuse("table.empty")
    return packed(table, limits)


def _table(path: Path, *, layer: str | None, scratch: Path, limits: Limits) -> Table:
    with path.open("rb") as stream:
        begins = stream.read(SNIFFED)
    if begins.startswith(b"PK"):
        return _zipped(path, layer=layer, scratch=scratch, limits=limits)
    if begins.startswith(b"SQLite format 3\0"):
        return _through("vector.read_geopackage", path, limits, layer=layer)
    if begins.startswith(b"PAR1"):
        return _through("columns.read_parquet", path, limits)
    if begins.startswith(b"\x00\x00\x27\x0a"):
        return _through("vector.read_shapefile", path, limits)
    if path.suffix.lower() in GDAL_SUFFIXES:
        return _through("vector.read_vector", path, limits, layer=layer)
    return _text(path, begins.removeprefix(b"\xef\xbb\xbf").lstrip(), limits)


def _through(reader: str, *words: Any, **named: Any) -> Table:
    """Read with `module.function` of this folder."""
    module, _, name = reader.partition(".")
    table = getattr(import_module(f"ingest.files.{module}"), name)(*words, **named)
    assert isinstance(table, Table)
    return table


def _text(path: Path, begins: bytes, limits: Limits) -> Table:
    if begins.startswith(b"<"):
        if b"<kml" in begins or path.suffix.lower() == ".kml":
            return _through("kml.read_kml", path, limits)
        raise refuse("file.unknown_format")
    if begins.startswith((b"{", b"[", b"\x1e")) and path.suffix.lower() not in CSV_SUFFIXES:
        return _through("geojson.read_geojson", path, limits)
    if path.suffix.lower() in CSV_SUFFIXES:
        return _through("text.read_csv", path, limits)
    raise refuse("file.unknown_format")


def _zipped(path: Path, *, layer: str | None, scratch: Path, limits: Limits) -> Table:
    """XLSX, KMZ, or an archive with exactly one Shapefile."""
    parts = unpacked(path, scratch, limits)
    if any(p.name == "workbook.xml" for p in parts):
        return _through("sheets.read_xlsx", path, parts, limits, layer=layer)
    shapes = [p for p in parts if p.suffix.lower() == ".shp"]
    if len(shapes) == 1:
        return _through("vector.read_shapefile", _together(shapes[0], parts, scratch), limits)
    placemarks = [p for p in parts if p.suffix.lower() == ".kml"]
    if not shapes and len(placemarks) == 1:
        return _through("kml.read_kml", placemarks[0], limits)
    raise refuse("zip.contents", shapefiles=len(shapes), kml=len(placemarks))


def _together(shape: Path, parts: list[Path], scratch: Path) -> Path:
    """The Shapefile's parts side by side under one name: the archive was unpacked into a folder for each entry."""
    for part in parts:
        if part.stem.lower() == shape.stem.lower():
            part.rename(scratch / f"shape{part.suffix.lower()}")
    return scratch / "shape.shp"


def packed(table: Table, limits: Limits) -> bytes:
    """The table as an Arrow stream, with all but the rows in its metadata, once its geometries are of a fair size."""
    geometries = [r.geometry for r in table.records]
    _check_vertices(table, limits)
    try:
        shapes = [None if g is None else shapely.to_wkb(g, output_dimension=2) for g in geometries]
    except GEOSException as error:
        raise refuse("geometry.broken") from error
    about = {"columns": list(table.columns), "sheet": table.sheet, "crs": table.crs, "notes": list(table.notes)}
    batch = pa.record_batch(
        [
            pa.array([r.row for r in table.records], pa.int64()),
            pa.array([orjson.dumps(r.values, default=str) for r in table.records], pa.binary()),
            pa.array(shapes, pa.binary()),
        ],
        schema=SCHEMA.with_metadata({"table": orjson.dumps(about)}),
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _check_vertices(table: Table, limits: Limits) -> None:
    total, problems = 0, []
    for record in table.records:
        count = int(shapely.get_num_coordinates(record.geometry)) if record.geometry is not None else 0
        total += count
        if count > limits.feature_vertices:
            problems.append(
                Problem(
                    "geometry.too_many_vertices",
                    row=record.row,
                    params={"limit": limits.feature_vertices, "found": count},
                )
            )
    if total > limits.file_vertices:
        problems.append(Problem("file.too_many_vertices", params={"limit": limits.file_vertices, "found": total}))
    if problems:
        raise FileRefused(problems)
