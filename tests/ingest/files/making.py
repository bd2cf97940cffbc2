"""Make files for tests, and read them without a process for each."""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas
from openpyxl import Workbook
from shapely.geometry.base import BaseGeometry

from ingest.files import readers
from ingest.files.choices import Choices
from ingest.files.limits import LIMITS, Limits
from ingest.files.reading import as_table
from ingest.files.rows import read_records
from ingest.files.table import Table


def rows_of(path: Path, *, limits: Limits = LIMITS, **choices: Any) -> Table:
    """Read like `read_table`, but in this process: faster, and without limits."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "rows"
        heading = readers.read(path, target, choices=Choices(**choices), scratch=Path(folder), limits=limits)
        return as_table(json.loads(json.dumps(asdict(heading))), list(read_records(target)))


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def sheet(folder: Path, rows: Sequence[Sequence[Any]], name: str = "list.xlsx") -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Sheet1"
    for row in rows:
        page.append(list(row))
    book.save(folder / name)
    return folder / name


def features(
    folder: Path,
    shapes: Sequence[BaseGeometry],
    columns: Mapping[str, Sequence[Any]],
    name: str = "grids.gpkg",
    *,
    crs: str = "EPSG:4326",
) -> Path:
    """Write a vector file in the format of its suffix; `.zip` is a Shapefile. `crs` is declared, not converted to."""
    frame = geopandas.GeoDataFrame(dict(columns), geometry=list(shapes), crs=crs)
    if not name.endswith(".zip"):
        frame.to_file(folder / name)
        return folder / name
    parts = folder / f"{name}.parts"
    parts.mkdir()
    frame.to_file(parts / "grids.shp", encoding="gb18030")
    return archive(folder, {part.name: part.read_bytes() for part in parts.iterdir()}, name)


def archive(folder: Path, entries: Mapping[str, bytes], name: str = "some.zip") -> Path:
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry, content in entries.items():
            packed.writestr(entry, content)
    return folder / name


def archived(entries: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as inside:
        for entry, content in entries.items():
            inside.writestr(entry, content)
    return packed.getvalue()
