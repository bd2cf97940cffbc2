"""GeoPackage, Shapefile and the other formats that GDAL reads from one local file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyogrio import list_layers
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import read

from ingest.files.limits import Limits
from ingest.files.problems import refuse
from ingest.files.table import Record, Table
from ingest.files.text import encoding_notes

OWN_CODE = "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"
STANDARD_TRIGGERS = ("rtree_", "gpkg_", "trigger_insert_feature_count_", "trigger_delete_feature_count_")


def read_geopackage(path: Path, limits: Limits, *, layer: str | None) -> Table:
    """A GeoPackage's layer (the only one unless named). Triggers of its own and layers that are views are refused."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            found = database.execute(OWN_CODE).fetchall()
    except sqlite3.DatabaseError as error:
        raise refuse("gpkg.broken") from error
    for kind, name in found:
        if kind == "view" or not name.startswith(STANDARD_TRIGGERS):
            raise refuse(f"gpkg.{kind}", name=name)
    return read_vector(path, limits, layer=layer)


def read_shapefile(path: Path, limits: Limits) -> Table:
    """A Shapefile, its text in the encoding that its .cpg names, else UTF-8 if it is that strictly, else GB18030."""
    for part in (".shx", ".dbf"):
        if not path.with_suffix(part).exists() and not path.with_suffix(part.upper()).exists():
            raise refuse("shapefile.part_missing", part=part)
    encoding = _shapefile_encoding(path)
    return read_vector(path, limits, layer=None, encoding=encoding)


def _shapefile_encoding(path: Path) -> str:
    named = next((p for p in path.parent.iterdir() if p.name.lower() == f"{path.stem}.cpg".lower()), None)
    if named is not None:
        name = named.read_text("ascii", "ignore").strip()
        return f"cp{name}" if name.isdigit() else name
    rows = next(p for p in path.parent.iterdir() if p.name.lower() == f"{path.stem}.dbf".lower()).read_bytes()
    body = rows[int.from_bytes(rows[8:10], "little") :]
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def read_vector(path: Path, limits: Limits, *, layer: str | None, encoding: str | None = None) -> Table:
    """What GDAL makes of a file. Raises FileRefused."""
    try:
        layers = [str(name) for name, _ in list_layers(path)]
        chosen = _chosen(layers, layer)
        meta, fids, shapes, columns = read(
            path, layer=chosen, encoding=encoding, return_fids=True, max_features=limits.rows + 1
        )
    except UnicodeDecodeError as error:
        raise refuse("text.encoding", encoding=encoding) from error
    except LookupError as error:
        raise refuse("text.encoding_unknown", encoding=encoding) from error
    except (DataSourceError, DataLayerError) as error:
        raise refuse("file.unreadable") from error
    names = [str(name) for name in meta["fields"]]
    if len(names) > limits.columns:
        raise refuse("table.too_many_columns", limit=limits.columns, found=len(names))
    if len(fids) > limits.rows:
        raise refuse("table.too_many_rows", limit=limits.rows)
    return Table(
        columns=names,
        records=_records(names, columns, shapes),
        crs=meta["crs"],
        notes=encoding_notes(encoding or "utf-8"),
    )


def _chosen(layers: list[str], wanted: str | None) -> str:
    if wanted is not None and wanted not in layers:
        raise refuse("file.no_such_layer", layer=wanted, layers=layers)
    if wanted is None and len(layers) != 1:
        raise refuse("file.which_layer", layers=layers)
    return wanted or layers[0]


def _records(names: list[str], columns: Any, shapes: Any) -> list[Record]:
    plain = [_plain_column(column) for column in columns]
    count = len(plain[0]) if plain else len(shapes)
    geometries = shapely.from_wkb(shapes, on_invalid="ignore") if shapes is not None else [None] * count
    return [
        Record(row=i + 1, values={n: column[i] for n, column in zip(names, plain, strict=True)}, geometry=geometries[i])
        for i in range(count)
    ]


def _plain_column(column: Any) -> list[Any]:
    """Python values: dates as ISO 8601 text, NaN and NaT as None, text stripped."""
    if np.issubdtype(column.dtype, np.datetime64):
        return [None if np.isnat(v) else str(v) for v in column]
    return [_plain(v) for v in column.tolist()]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and np.isnan(value):
        return None
    return value
