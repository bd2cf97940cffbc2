"""Read GeoPackage, Shapefile and other formats with GDAL.

GDAL chooses a driver by content, and some drivers read other files, addresses and databases that a file names (VRT).
So such drivers are not registered (see sandbox.py), and the driver that opened a file must be the expected one.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import shapely
from pyogrio import list_layers, read_info
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FieldError
from pyogrio.raw import open_arrow

from ingest.files.encodings import BIG5, GB18030, Encoding, decide
from ingest.files.geopackage_log import with_log
from ingest.files.headers import checked_columns
from ingest.files.problems import refuse
from ingest.files.rows import RowWriter, too_many_vertices
from ingest.files.table import Record, TableHeader

GEOPACKAGE, SHAPEFILE, OTHERS = ("GPKG",), ("ESRI Shapefile",), ("FlatGeobuf", "MapInfo File", "TopoJSON", "ESRIJSON")
ACTIVE_CONTENT = (
    "SELECT type, name, rootpage, tbl_name FROM sqlite_master WHERE type IN ('trigger', 'view') OR rootpage = 0"
)
STANDARD_TRIGGERS = ("rtree_", "gpkg_", "trigger_insert_feature_count_", "trigger_delete_feature_count_")
TILE_TRIGGERS = tuple(
    f"_{what}_{when}" for what in ("zoom", "tile_column", "tile_row") for when in ("insert", "update")
)
"""Ends of the names of a tile table's triggers, which GDAL makes as the GeoPackage standard proposes."""
OF_OTHER_TABLES = (b"open table", b"seamless", b"linked")
BATCH_ROWS = 500
VERTEX_BYTES = 32
"""Upper bound: x, y, z and m."""
NO_LAYERS = frozenset({"layer_styles", "qgis_projects"})
"""Tables in which QGIS keeps its own things."""
NAMES_FOR_GDAL = {GB18030: "GB18030", BIG5: "BIG5-HKSCS"}
DBASE_LANGUAGE, DBASE_FIELD = 29, 32
KNOWN_LANGUAGES = (77, 79)
"""Language drivers that only programs of Chinese machines write: GBK and Big5. Others write what they please."""


def read_geopackage(path: Path, rows: RowWriter, *, layer: str | None, scratch: Path) -> TableHeader:
    """Read a GeoPackage's layer (the only one unless named). Active content is refused: own triggers, views and
    virtual tables; and so is one in WAL mode without its log, in which the latest edits are.
    """
    path = with_log(path, scratch)
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            found = database.execute(ACTIVE_CONTENT).fetchall()
    except sqlite3.DatabaseError as error:
        raise refuse("gpkg.broken") from error
    for kind, name, _, of_table in found:
        if kind == "view" or (kind == "trigger" and not _is_standard(name, of_table)):
            raise refuse(f"gpkg.{kind}", name=name)
        if kind == "table" and not name.startswith("rtree_"):
            raise refuse("gpkg.virtual_table", name=name)
    return _read(path, rows, layer=layer, drivers=GEOPACKAGE)


def _is_standard(trigger: str, table: str) -> bool:
    """Return whether a trigger has a name that the GeoPackage standard gives. None runs: the file is only read."""
    return trigger.startswith(STANDARD_TRIGGERS) or trigger.removeprefix(table) in TILE_TRIGGERS


def read_shapefile(path: Path, rows: RowWriter, *, given: str | None = None) -> TableHeader:
    """Read a Shapefile, its text in the encoding that the .cpg declares if the text agrees, else as the text is."""
    for part in (".shx", ".dbf"):
        if not path.with_suffix(part).exists() and not path.with_suffix(part.upper()).exists():
            raise refuse("shapefile.part_missing", part=part)
    encoding = _shapefile_encoding(path, given)
    heading = _read(
        path, rows, layer=None, drivers=SHAPEFILE, encoding=NAMES_FOR_GDAL.get(encoding.name, encoding.name)
    )
    return replace(heading, notes=[*encoding.notes, *heading.notes])


def read_other(path: Path, rows: RowWriter, *, layer: str | None) -> TableHeader:
    """Read FlatGeobuf, MapInfo, TopoJSON or ESRI's JSON. A MapInfo table that only lists other tables is refused."""
    if path.suffix.lower() == ".tab" and any(word in path.read_bytes().lower() for word in OF_OTHER_TABLES):
        raise refuse("file.unknown_format")
    return _read(path, rows, layer=layer, drivers=OTHERS)


def _shapefile_encoding(path: Path, given: str | None) -> Encoding:
    """Decide the encoding of a Shapefile's text: of its values and its columns' names."""
    content = _sibling(path, ".dbf").read_bytes()
    begins = int.from_bytes(content[8:10], "little")
    fields = (content[at : at + 11].split(b"\0", 1)[0] for at in range(DBASE_FIELD, begins - 1, DBASE_FIELD))
    text = b"\n".join((*fields, content[begins:].replace(b"\0", b" ")))
    try:
        declared: str | None = _sibling(path, ".cpg").read_text("ascii", "ignore").strip()[:40]
    except FileNotFoundError:
        declared = f"LDID/{content[DBASE_LANGUAGE]}" if content[DBASE_LANGUAGE] in KNOWN_LANGUAGES else None
    return decide(lambda: [text], declared=declared, given=given)


def _sibling(path: Path, suffix: str) -> Path:
    wanted = f"{path.stem}{suffix}".lower()
    found = next((p for p in path.parent.iterdir() if p.name.lower() == wanted), None)
    return found or path.with_suffix(suffix)


def _read(
    path: Path, rows: RowWriter, *, layer: str | None, drivers: Sequence[str], encoding: str | None = None
) -> TableHeader:
    """Read a file with GDAL. Raises FileRefused."""
    try:
        layers = [str(name) for name, _ in list_layers(path) if name not in NO_LAYERS]
        chosen = _choose_layer(layers, layer)
        if read_info(path, layer=chosen, encoding=encoding)["driver"] not in drivers:
            raise refuse("file.unknown_format")
        options = {"layer": chosen, "encoding": encoding, "batch_size": BATCH_ROWS, "datetime_as_string": True}
        with open_arrow(path, use_pyarrow=True, **options) as (about, batches):
            names = (
                checked_columns([str(name) for name in about["fields"]], rows.limits) if len(about["fields"]) else []
            )
            _add_rows(batches, names, rows, geometry=about["geometry_name"] or "wkb_geometry")
    except UnicodeDecodeError as error:
        raise refuse("text.encoding", encoding=encoding) from error
    except LookupError as error:
        raise refuse("text.encoding_unknown", encoding=encoding) from error
    except (DataSourceError, DataLayerError, FieldError, CRSError) as error:
        raise refuse("file.unreadable") from error
    return TableHeader(columns=names, crs=about["crs"])


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
    return list(shapely.from_wkb(shapes, on_invalid="fix"))


def _plain(value: Any) -> Any:
    """Strip text; blank and NaN become None."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and value != value:
        return None
    return value
