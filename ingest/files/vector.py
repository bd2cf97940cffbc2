"""Read GeoPackage, Shapefile and other formats with GDAL.

GDAL chooses a driver by content, and some drivers read other files, addresses and databases that a file names (VRT).
So such drivers are not registered (see sandbox.py), and the driver that opened a file must be the expected one.
"""

import sqlite3
from codecs import lookup
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import shapely
from pyogrio import list_layers, read_info
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FieldError
from pyogrio.raw import open_arrow

from ingest.files.problems import refuse
from ingest.files.rows import RowWriter, too_many_vertices
from ingest.files.table import Record, TableHeader
from ingest.files.text import encoding_notes, header_of

GEOPACKAGE, SHAPEFILE, OTHERS = ("GPKG",), ("ESRI Shapefile",), ("FlatGeobuf", "MapInfo File")
ACTIVE_CONTENT = "SELECT type, name, rootpage FROM sqlite_master WHERE type IN ('trigger', 'view') OR rootpage = 0"
STANDARD_TRIGGERS = ("rtree_", "gpkg_", "trigger_insert_feature_count_", "trigger_delete_feature_count_")
OF_OTHER_TABLES = (b"open table", b"seamless", b"linked")
BATCH_ROWS = 500
VERTEX_BYTES = 32
"""Upper bound: x, y, z and m."""
CHINESE = ("utf-8", "gb2312")


def read_geopackage(path: Path, rows: RowWriter, *, layer: str | None) -> TableHeader:
    """Read a GeoPackage's layer (the only one unless named). Active content is refused: own triggers, views and
    virtual tables.
    """
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            found = database.execute(ACTIVE_CONTENT).fetchall()
    except sqlite3.DatabaseError as error:
        raise refuse("gpkg.broken") from error
    for kind, name, _ in found:
        if kind in ("view", "trigger") and (kind == "view" or not name.startswith(STANDARD_TRIGGERS)):
            raise refuse(f"gpkg.{kind}", name=name)
        if kind == "table" and not name.startswith("rtree_"):
            raise refuse("gpkg.virtual_table", name=name)
    return _read(path, rows, layer=layer, drivers=GEOPACKAGE)


def read_shapefile(path: Path, rows: RowWriter) -> TableHeader:
    """Read a Shapefile, its text in the encoding of its .cpg, else UTF-8 if valid, else GB18030."""
    for part in (".shx", ".dbf"):
        if not path.with_suffix(part).exists() and not path.with_suffix(part.upper()).exists():
            raise refuse("shapefile.part_missing", part=part)
    return _read(path, rows, layer=None, drivers=SHAPEFILE, encoding=_shapefile_encoding(path))


def read_other(path: Path, rows: RowWriter, *, layer: str | None) -> TableHeader:
    """Read FlatGeobuf or MapInfo. A MapInfo table that only lists other tables is refused."""
    if path.suffix.lower() == ".tab" and any(word in path.read_bytes().lower() for word in OF_OTHER_TABLES):
        raise refuse("file.unknown_format")
    return _read(path, rows, layer=layer, drivers=OTHERS)


def _shapefile_encoding(path: Path) -> str:
    """Return the encoding of a Shapefile's text. Raises FileRefused if the .cpg contradicts the text."""
    text = _sibling(path, ".dbf").read_bytes()
    body = text[int.from_bytes(text[8:10], "little") :]
    found = next((name for name in CHINESE if _decodes(body, name)), None)
    try:
        named = _sibling(path, ".cpg").read_text("ascii", "ignore").strip()[:40]
    except FileNotFoundError:
        return "utf-8" if found == "utf-8" else "gb18030"
    named = f"cp{named}" if named.isdigit() else named
    try:
        plain = lookup(named).name
    except (LookupError, ValueError) as error:
        raise refuse("text.encoding_unknown", encoding=named) from error
    if not body.isascii() and found and not plain.startswith(("utf", "gb", "big5")):
        raise refuse("text.encoding_differs", encoding=named, found=found)
    return named


def _sibling(path: Path, suffix: str) -> Path:
    wanted = f"{path.stem}{suffix}".lower()
    found = next((p for p in path.parent.iterdir() if p.name.lower() == wanted), None)
    return found or path.with_suffix(suffix)


def _decodes(body: bytes, encoding: str) -> bool:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _read(
    path: Path, rows: RowWriter, *, layer: str | None, drivers: Sequence[str], encoding: str | None = None
) -> TableHeader:
    """Read a file with GDAL. Raises FileRefused."""
    try:
        layers = [str(name) for name, _ in list_layers(path)]
        chosen = _choose_layer(layers, layer)
        if read_info(path, layer=chosen, encoding=encoding)["driver"] not in drivers:
            raise refuse("file.unknown_format")
        options = {"layer": chosen, "encoding": encoding, "batch_size": BATCH_ROWS, "datetime_as_string": True}
        with open_arrow(path, use_pyarrow=True, **options) as (about, batches):
            names = header_of([str(name) for name in about["fields"]], rows.limits) if len(about["fields"]) else []
            _add_rows(batches, names, rows, geometry=about["geometry_name"] or "wkb_geometry")
    except UnicodeDecodeError as error:
        raise refuse("text.encoding", encoding=encoding) from error
    except LookupError as error:
        raise refuse("text.encoding_unknown", encoding=encoding) from error
    except (DataSourceError, DataLayerError, FieldError, CRSError) as error:
        raise refuse("file.unreadable") from error
    return TableHeader(columns=names, crs=about["crs"], notes=encoding_notes(encoding or "utf-8"))


def _choose_layer(layers: list[str], wanted: str | None) -> str:
    if wanted is not None and wanted not in layers:
        raise refuse("file.no_such_layer", layer=wanted, layers=layers)
    if wanted is None and len(layers) != 1:
        raise refuse("file.which_layer", layers=layers)
    return wanted or layers[0]


def _add_rows(batches: Any, names: Sequence[str], rows: RowWriter, *, geometry: str) -> None:
    before = 0
    for batch in batches:
        columns = [batch[name].to_pylist() for name in names]
        lines = zip(*columns, strict=True) if columns else [()] * batch.num_rows
        shapes = _shapes(batch, rows, geometry=geometry, before=before)
        for number, (values, shape) in enumerate(zip(lines, shapes, strict=True), start=before + 1):
            plain = {name: _plain(value) for name, value in zip(names, values, strict=True)}
            rows.add(Record(row=number, values=plain, geometry=shape))
        before += batch.num_rows


def _shapes(batch: Any, rows: RowWriter, *, geometry: str, before: int) -> Sequence[Any]:
    """Return the batch's geometries. One that is too large by its length alone is reported and not parsed."""
    if geometry not in batch.schema.names:
        return [None] * batch.num_rows
    shapes = batch[geometry].to_pylist()
    for i, shape in enumerate(shapes):
        if shape is not None and len(shape) // VERTEX_BYTES > rows.limits.feature_vertices:
            rows.add_problem(too_many_vertices(before + i + 1, len(shape) // VERTEX_BYTES, rows.limits))
            shapes[i] = None
    return list(shapely.from_wkb(shapes, on_invalid="ignore"))


def _plain(value: Any) -> Any:
    """Strip text; blank and NaN become None."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and value != value:
        return None
    return value
