"""Hostile files: too large once parsed, too deep, or referring to other files."""

import itertools
import json
import os
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import shapely
from pyarrow import parquet
from shapely import Polygon

from tests.ingest.files.making import archive, features, sheet, written

TEN_MILLION = 10_000_000
SQUARE = shapely.box(120.60, 31.10, 120.61, 31.11)
SECRET = "code,name\n1,nobody may read this\n"
CORNERS = "120.6,31.1 120.61,31.1 120.61,31.11 120.6,31.1"


def ten_million_vertices_in_geojson(folder: Path) -> Path:
    path = folder / "round.geojson"
    ring = "[1.5,2]," * (TEN_MILLION - 1) + "[1.5,2]"
    path.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"a"},"geometry":'
        f'{{"type":"Polygon","coordinates":[[{ring}]]}}}}]}}'
    )
    return path


def ten_million_vertices_in_kml(folder: Path) -> Path:
    ring = "1.5,2 " * TEN_MILLION
    return written(
        folder,
        "round.kml",
        f"<kml><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>"
        "</outerBoundaryIs></Polygon></Placemark></kml>",
    )


def ten_million_vertices_in_a_geopackage(folder: Path) -> Path:
    """One polygon of 160 MB in an otherwise valid file."""
    path = features(folder, [SQUARE], {"code": ["a"]}, "round.gpkg")
    header = b"GP\0\1" + struct.pack("<I", 4326) + struct.pack("<BIII", 1, 3, 1, TEN_MILLION)
    with sqlite3.connect(path) as database:
        database.create_function("ST_IsEmpty", 1, lambda _: 0)
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda _: 1.0)
        database.execute("UPDATE round SET geom = ?", (header + np.ones(2 * TEN_MILLION).tobytes(),))
    database.close()
    return path


def combs(folder: Path) -> Path:
    """Two valid polygons of 4,000 vertices each that intersect in four million points."""
    steps = np.linspace(0.002, 0.02, 1001)
    teeth = [corner for a, b in itertools.pairwise(steps) for corner in tooth(a, b)]
    upright = np.array([(0, 0), *teeth, (0.0201, 0.002), (0.0201, 0)])
    corner = np.array([120.60, 31.10])
    lines = [Polygon(upright + corner), Polygon(upright[:, ::-1] + corner)]
    return features(folder, lines, {"code": ["g1", "g2"]}, "combs.gpkg")


def tooth(a: float, b: float) -> list[tuple[float, float]]:
    return [(a, 0.002), (a, 0.02), ((a + b) / 2, 0.02), ((a + b) / 2, 0.002)]


def forty_million_objects(folder: Path) -> Path:
    return written(folder, "many.json", "[" + "{}," * 40_000_000 + "{}]")


def one_endless_line(folder: Path) -> Path:
    path = folder / "line.csv"
    with path.open("wb") as out:
        out.write(b"code,name\n")
        for _ in range(180):
            out.write(b"y" * 1_000_000)
    return path


def a_parquet_that_swells(folder: Path) -> Path:
    """Two hundred thousand rows of the same megabyte: 3 MB compressed, 200 GB uncompressed."""
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), pa.array(["y" * 1_000_000]))
    parquet.write_table(pa.table({"code": words}), folder / "swells.parquet")
    return folder / "swells.parquet"


def a_row_beyond_all_rows(folder: Path) -> Path:
    """A sheet whose second row claims the number two thousand million."""
    return with_sheet(folder, '<row r="2000000000"><c r="A2000000000" t="inlineStr"><is><t>x</t></is></c></row>')


def a_number_of_five_thousand_digits(folder: Path) -> Path:
    return with_sheet(folder, f'<row r="2"><c r="A2"><v>{"9" * 5000}</v></c></row>')


def with_sheet(folder: Path, row: str) -> Path:
    path = sheet(folder, [["code"]], "plain.xlsx")
    with zipfile.ZipFile(path) as packed:
        entries = {name: packed.read(name) for name in packed.namelist()}
    page = "xl/worksheets/sheet1.xml"
    entries[page] = entries[page].replace(b"</sheetData>", row.encode() + b"</sheetData>")
    return archive(folder, entries, "lies.xlsx")


def shared_strings(folder: Path) -> Path:
    """Eight million shared strings, 160 MB of XML in 10 MB."""
    path = sheet(folder, [["code"], ["x"]], "plain.xlsx")
    with zipfile.ZipFile(path) as packed:
        entries = {name: packed.read(name) for name in packed.namelist()}
    noise = np.random.default_rng(1).integers(97, 101, 8_000_000, dtype=np.uint8).tobytes()
    items = b"".join(b"<si><t>%b</t></si>" % noise[i : i + 4] for i in range(0, len(noise), 4)) * 4
    entries["xl/sharedStrings.xml"] = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + items + b"</sst>"
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    part = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    types = "[Content_Types].xml"
    entries[types] = entries[types].replace(b"</Types>", part.encode())
    return archive(folder, entries, "strings.xlsx")


def too_many_cells(folder: Path) -> Path:
    line = ",".join("1" * 500) + "\n"
    return written(folder, "wide.csv", ",".join(f"c{i}" for i in range(500)) + "\n" + line * 12_000)


def virtual_file(name: str) -> Callable[[Path], Path]:
    """A VRT, by which GDAL would read another local file, disguised as an accepted format."""

    def make(folder: Path) -> Path:
        secret = written(folder, "secret.csv", SECRET)
        source = f'<OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>'
        return written(folder, name, f"<OGRVRTDataSource>{source}</OGRVRTDataSource>")

    return make


def virtual_file_behind_a_header(folder: Path) -> Path:
    path = virtual_file("hidden.mif")(folder)
    return written(folder, "hidden.mif", "VERSION 300\n" + path.read_text())


def table_of_tables(folder: Path) -> Path:
    content = '!table\n!version 300\n\nOpen Table "/etc/other" Hide\nCreate View x As Select * From other\n'
    return written(folder, "view.tab", content)


def text(name: str, content: str | bytes) -> Callable[[Path], Path]:
    return lambda folder: written(folder, name, content)


def geopackage_with_virtual_table(folder: Path) -> Path:
    path = features(folder, [SQUARE], {"code": ["a"]}, "virtual.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("CREATE VIRTUAL TABLE evil USING fts5(body)")
    database.close()
    return path


def wrong_encoding(folder: Path) -> Path:
    """A Shapefile in GB18030 whose .cpg declares ISO-8859-1."""
    features(folder, [SQUARE], {"code": ["a"], "name": ["松陵"]}, "grids.zip")
    parts = {p.name: p.read_bytes() for p in (folder / "grids.zip.parts").iterdir()}
    return archive(folder, {**parts, "grids.cpg": b"ISO-8859-1"}, "wrong.zip")


def unknown_encoding(folder: Path) -> Path:
    path = wrong_encoding(folder)
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    return archive(folder, {**parts, "grids.cpg": b"../../etc/passwd"}, "unknown.zip")


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.csv")
    return folder / "pipe.csv"


def feature(geometry: str, **properties: object) -> str:
    return f'{{"type":"Feature","properties":{json.dumps(properties)},"geometry":{geometry}}}'


POINT = '{"type":"Point","coordinates":[120.605,31.105]}'
KML = "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE kml [<!ENTITY e 'x'>]><kml>&e;</kml>"

REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a ten-million-vertex polygon in GeoJSON": (ten_million_vertices_in_geojson, "file.too_many_vertices"),
    "a ten-million-vertex polygon in KML": (ten_million_vertices_in_kml, "geometry.too_many_vertices"),
    "a ten-million-vertex polygon in a GeoPackage": (ten_million_vertices_in_a_geopackage, ""),
    "forty million objects": (forty_million_objects, "file.too_demanding"),
    "one line without an end": (one_endless_line, ""),
    "a Parquet that swells": (a_parquet_that_swells, ""),
    "more cells than fit": (too_many_cells, "table.too_many_cells"),
    "a row beyond all rows": (a_row_beyond_all_rows, "table.too_many_rows"),
    "a number of five thousand digits": (a_number_of_five_thousand_digits, "xlsx.broken"),
    "objects a hundred thousand deep": (text("deep.geojson", '{"a":' * 100_000 + "1" + "}" * 100_000), "json.broken"),
    "a document type in UTF-16": (text("a.kml", KML.encode("utf-16")), "xml.document_type"),
    "a VRT as FlatGeobuf": (virtual_file("a.fgb"), "file.unknown_format"),
    "a VRT as MapInfo": (virtual_file("a.mif"), "file.unknown_format"),
    "a VRT behind a header": (virtual_file_behind_a_header, "file.unreadable"),
    "a table of tables": (table_of_tables, "file.unknown_format"),
    "an address": (text("a.geojson", "/vsicurl/http://127.0.0.1:9/a.gpkg"), "file.unknown_format"),
    "a connection": (text("PG:host=127.0.0.1.gpkg", "PG:host=127.0.0.1 user=x"), "file.unknown_format"),
    "a virtual table": (geopackage_with_virtual_table, "gpkg.virtual_table"),
    "a wrong .cpg": (wrong_encoding, "text.encoding_differs"),
    "an unknown .cpg": (unknown_encoding, "text.encoding_unknown"),
    "a number that is endless": (text("a.geojson", feature(POINT, name=0).replace("0}", "1e400}")), "row.not_text"),
    "half a character": (text("b.geojson", feature(POINT, name="\ud800")), "row.not_text"),
    "a pipe": (pipe, "file.not_a_file"),
    "a folder": (lambda folder: folder, "file.not_a_file"),
    "a device": (lambda _: Path("/dev/zero"), "file.not_a_file"),
}
"""Attacks by name, with maker and expected code; empty if memory may run out before the row is known."""

LONG: dict[str, tuple[Callable[[Path], Path], str]] = {
    "eight million shared strings": (shared_strings, "file.too_demanding"),
}
"""Attacks that take long to make, or are refused only at the time limit."""
