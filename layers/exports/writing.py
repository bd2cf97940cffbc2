"""GeoDataFrames into a file of each format. Every writer takes batches, so that none holds a whole layer."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from geo.datum import Datum
from layers.exports.errors import CannotHold
from layers.exports.frames import ARROW_TYPES, GEOMETRY, Columns, read_frames
from layers.exports.rules import TRAITS, Format, crs_of, table_name

WKB = {b"ARROW:extension:name": b"geoarrow.wkb"}
LINE_ENDS = "export.line_ends"
DATUM = "datum"
LIKE_A_CODE = ("=", "#")
"""What openpyxl takes for a formula or an error, such as #N/A."""


@dataclass(slots=True)
class Rendering:
    """One file to write. `points`: the layer's geometries are points, which tables hold as `lon` and `lat`."""

    rows: Path
    target: Path
    layer: str
    format: Format
    datum: Datum
    kinds: dict[str, str]
    points: bool
    written: int = field(default=0, init=False)
    changed: int = field(default=0, init=False)
    refusal: CannotHold | None = field(default=None, init=False)

    @property
    def columns(self) -> Columns:
        return Columns(self.kinds)

    @property
    def title(self) -> str:
        return table_name(self.layer, self.datum)

    def frames(self) -> Iterator[gpd.GeoDataFrame]:
        """The layer's batches, once the format can hold them. Raises CannotHold."""
        traits = TRAITS[self.format]
        for frame in read_frames(self.rows, self.columns, self.datum):
            for name in self.columns.written:
                self._check_text(frame[name], name)
                if traits.one_line_end:
                    frame[name] = self._one_line_end(frame[name])
            yield frame.rename(columns=dict(traits.short_names))
            self.written += len(frame)

    def _check_text(self, texts: "pd.Series[str]", name: str) -> None:
        traits = TRAITS[self.format]
        if traits.text_bytes is not None:
            self.check_lengths(texts.map(_utf8_bytes, na_action="ignore"), name, limit=traits.text_bytes)
        if traits.cell_chars is not None:
            self.check_lengths(texts.str.len(), name, limit=traits.cell_chars)

    def check_lengths(self, lengths: "pd.Series[int]", name: str, *, limit: int) -> None:
        """Raise CannotHold for text that the format would cut."""
        longer = (lengths > limit).fillna(value=False).to_numpy(dtype=bool)
        if longer.any():
            first = self.written + int(longer.argmax()) + 1
            self.refusal = CannotHold(
                format=self.format.value, field=name, limit=limit, rows=int(longer.sum()), first=first
            )
            raise self.refusal

    def _one_line_end(self, texts: "pd.Series[str]") -> "pd.Series[str]":
        self.changed += int(texts.str.contains("\r", regex=False).sum())
        return texts.str.replace("\r\n", "\n", regex=False).str.replace("\r", "\n", regex=False)


def _utf8_bytes(text: str) -> int:
    return len(text.encode())


def render(job: Rendering) -> dict[str, Any]:
    """Write the file, and answer how many `rows` it has, with `notes` on what changed in it. Raises CannotHold."""
    try:
        WRITERS.get(job.format, _write_by_gdal)(job)
    except RuntimeError as error:  # What GDAL makes of an exception in the stream it reads from.
        if job.refusal is None:
            raise
        raise job.refusal from error
    return {"rows": job.written, "notes": [{"code": LINE_ENDS, "texts": job.changed}] if job.changed else []}


def _write_by_gdal(job: Rendering) -> None:
    driver = TRAITS[job.format].driver
    assert driver is not None
    schema = _schema(job)
    reader = pa.RecordBatchReader.from_batches(schema, (_batch(frame, schema) for frame in job.frames()))
    pyogrio.write_arrow(
        reader,
        job.target,
        driver=driver,
        layer=job.title,
        geometry_name=GEOMETRY,
        geometry_type="Point" if job.points else "MultiPolygon",
        crs=crs_of(job.datum),
        encoding="UTF-8" if job.format is Format.SHP else None,
        **({"layer_metadata": {"datum": job.datum.value}} if job.format is Format.GPKG else {}),
    )


def _schema(job: Rendering) -> pa.Schema:
    short = TRAITS[job.format].short_names
    fields = [pa.field(short.get(name, name), ARROW_TYPES[kind]) for name, kind in job.kinds.items()]
    return pa.schema([*fields, pa.field(DATUM, pa.string()), pa.field(GEOMETRY, pa.binary(), metadata=WKB)])


def _batch(frame: gpd.GeoDataFrame, schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array(frame[name], type=schema.field(name).type) for name in schema.names[:-1]]
    shapes = pa.array(shapely.to_wkb(frame.geometry.to_numpy()), pa.binary())
    arrays = [c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in columns]
    return pa.record_batch([*arrays, shapes], schema=schema)


def _write_shapefile(job: Rendering) -> None:
    """An archive of the Shapefile's parts."""
    with TemporaryDirectory(dir=job.target.parent) as folder:
        archive, job.target = job.target, Path(folder) / f"{job.title}.shp"
        _write_by_gdal(job)
        job.target = archive
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for part in sorted(Path(folder).iterdir()):
                packed.write(part, part.name)
            packed.writestr(f"{job.title}.fields.txt", _field_list(job))


def _field_list(job: Rendering) -> str:
    """Return a line for each field: the name in the Shapefile, that of other formats, and what it holds."""
    short = TRAITS[job.format].short_names
    fields = [*job.kinds.items(), (DATUM, "string")]
    return "".join(f"{short.get(name, name)}\t{name}\t{kind}\n" for name, kind in fields)


def _write_geojson(job: Rendering) -> None:
    """GeoJSON with coordinates as they are: GDAL rounds 31.100000000000001 to 31.1, and a line would be another one."""
    with job.target.open("w", encoding="utf8") as out:
        head = {"type": "FeatureCollection", "name": job.title, "datum": job.datum.value}
        out.write(f'{json.dumps(head)[:-1]}, "features": [')
        comma = "\n"
        for frame in job.frames():
            for feature in frame.astype(dict.fromkeys(frame.columns[:-1], object)).iterfeatures(drop_id=True):
                out.write(f"{comma}{json.dumps(feature, ensure_ascii=False, allow_nan=False)}")
                comma = ",\n"
        out.write("\n]}\n")


def _tables(job: Rendering) -> Iterator[pd.DataFrame]:
    """The batches as plain tables: places as `lon` and `lat`, lines as WKT, exact to the last digit."""
    for frame in job.frames():
        table = pd.DataFrame(frame.drop(columns=GEOMETRY))
        if job.points:
            table["lon"], table["lat"] = frame.geometry.x, frame.geometry.y
        else:
            table["wkt"] = shapely.to_wkt(frame.geometry.to_numpy(), rounding_precision=17)
            limit = TRAITS[job.format].cell_chars
            assert limit is not None
            job.check_lengths(table["wkt"].str.len(), "wkt", limit=limit)
        yield table


def _write_csv(job: Rendering) -> None:
    """UTF-8 with a byte order mark: without it Excel takes Chinese for another encoding."""
    with job.target.open("w", encoding="utf-8-sig", newline="") as out:
        for number, table in enumerate(_or_empty(_tables(job), job)):
            table.to_csv(out, index=False, header=number == 0)


def _write_xlsx(job: Rendering) -> None:
    """A workbook written row by row: pandas' own writer keeps every cell, 2 GB of them for 250,000 incidents."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(job.title)
    assert isinstance(sheet, WriteOnlyWorksheet)
    for number, table in enumerate(_or_empty(_tables(job), job)):
        if number == 0:
            sheet.append(list(table.columns))
        for row in table.astype(object).itertuples(index=False, name=None):
            sheet.append([_cell(sheet, value) for value in row])
    book.save(job.target)


def _cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    """Text stays text, whatever it looks like, and numbers keep all their digits: openpyxl writes sixteen."""
    if value is None or value is pd.NA or value != value:
        return None
    if not isinstance(value, float) and not (isinstance(value, str) and value.startswith(LIKE_A_CODE)):
        return value
    cell = WriteOnlyCell(sheet, value=value if isinstance(value, str) else repr(float(value)))
    cell.data_type = "s" if isinstance(value, str) else "n"
    return cell


def _or_empty(tables: Iterable[pd.DataFrame], job: Rendering) -> Iterator[pd.DataFrame]:
    """The tables, or one without rows: a file without columns would say nothing of itself."""
    none = True
    for table in tables:
        none = False
        yield table
    if none:
        yield pd.DataFrame(columns=[*job.kinds, DATUM, *(("lon", "lat") if job.points else ("wkt",))])


WRITERS: dict[Format, Callable[[Rendering], None]] = {
    Format.SHP: _write_shapefile,
    Format.GEOJSON: _write_geojson,
    Format.CSV: _write_csv,
    Format.XLSX: _write_xlsx,
}
