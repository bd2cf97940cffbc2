"""Every format gives the same rows; hostile files are refused with a reason."""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from stat import S_IFLNK
from typing import Any

import pytest
import shapely

from ingest.files.limits import LIMITS
from ingest.files.problems import FileRefused
from ingest.files.reading import read_table
from tests.ingest.files.making import archive, archived, features, rows_of, sheet, written

SQUARES = [shapely.box(120.6, 31.1, 120.61, 31.11), shapely.box(120.61, 31.1, 120.62, 31.11)]
COLUMNS = {"code": ["a1", "a2"], "name": ["松陵", "盛泽"]}
PLACEMARK = (
    "<Placemark><name>松陵</name><ExtendedData><Data name='code'><value>a1</value></Data></ExtendedData><Polygon>"
    "<outerBoundaryIs><LinearRing><coordinates>120.6,31.1 120.61,31.1 120.61,31.11 120.6,31.11 120.6,31.1</coordinates>"
    "</LinearRing></outerBoundaryIs></Polygon></Placemark>"
)
KML = f"<?xml version='1.0'?><kml xmlns='http://www.opengis.net/kml/2.2'><Document>{PLACEMARK}</Document></kml>"


@pytest.mark.parametrize("name", ["grids.gpkg", "grids.geojson", "grids.fgb", "grids.zip"])
def test_vector_formats_give_the_same_rows(tmp_path: Path, name: str) -> None:
    table = rows_of(features(tmp_path, SQUARES, COLUMNS, name))
    found = {record.values["code"]: record for record in table.records}
    assert {code: record.values["name"] for code, record in found.items()} == {"a1": "松陵", "a2": "盛泽"}
    for code, square in zip(("a1", "a2"), SQUARES, strict=True):
        assert shapely.get_parts(found[code].geometry)[0].equals_exact(square, 1e-9, normalize=True)


def test_kml_and_kmz_give_polygons_and_extended_data(tmp_path: Path) -> None:
    for path in (written(tmp_path, "a.kml", KML), archive(tmp_path, {"doc.kml": KML.encode()}, "a.kmz")):
        (record,) = rows_of(path).records
        assert record.values == {"name": "松陵", "code": "a1"}
        assert record.geometry is not None
        assert record.geometry.equals(SQUARES[0])


def test_csv_rows_have_the_number_of_their_first_line(tmp_path: Path) -> None:
    table = rows_of(written(tmp_path, "a.csv", 'code,name\n1,"two\nlines"\n\n2,x\n'))
    assert [record.row for record in table.records] == [2, 5]
    assert table.records[0].values["name"] == "two\nlines"


def test_semicolons_and_tabs_are_delimiters_too(tmp_path: Path) -> None:
    for mark in ";\t|，":
        table = rows_of(written(tmp_path, f"a{ord(mark)}.csv", f"code{mark}name\n1{mark}x,y\n"))
        assert table.records[0].values == {"code": "1", "name": "x,y"}


def test_gb18030_text_is_read_and_reported(tmp_path: Path) -> None:
    table = rows_of(written(tmp_path, "a.csv", "code,name\n1,吴江区𠮷\n".encode("gb18030")))
    assert table.records[0].values["name"] == "吴江区𠮷"
    assert table.notes == [{"code": "text.encoding_found", "encoding": "gb18030"}]


def test_a_shapefile_without_an_encoding_is_read_as_gb18030_if_not_utf8(tmp_path: Path) -> None:
    features(tmp_path, SQUARES, COLUMNS, "grids.zip")
    parts = {p.name: p.read_bytes() for p in (tmp_path / "grids.zip.parts").iterdir() if p.suffix != ".cpg"}
    apple = {f"._{name}": b"\0\5\26\7" for name in parts}
    table = rows_of(archive(tmp_path, {**apple, **parts}, "bare.zip"))
    assert [r.values["name"] for r in table.records] == ["松陵", "盛泽"]


def test_a_sheet_gives_numbers_text_and_dates(tmp_path: Path) -> None:
    table = rows_of(sheet(tmp_path, [["code", "lon", None], [320509, 120.6], ["x", None]]))
    assert table.records[0].values == {"code": 320509, "lon": 120.6}
    assert table.cell(2, "lon") == "Sheet1!B2"


def test_a_layer_must_be_chosen_if_there_are_several(tmp_path: Path) -> None:
    path = features(tmp_path, SQUARES, COLUMNS)
    with pytest.raises(FileRefused) as refused:
        rows_of(path, layer="towns")
    assert refused.value.problems[0].params["layers"] == ["grids"]


def geopackage_with(statement: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = features(folder, SQUARES, COLUMNS)
        with sqlite3.connect(path) as database:
            database.execute(statement)
        database.close()
        return path

    return make


def in_wal_mode(folder: Path) -> Path:
    """A GeoPackage as it is while its editor has it open, with a changed name in the log beside it."""
    path = geopackage_with("UPDATE gpkg_contents SET description = 'open'")(folder)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA wal_autocheckpoint=0")
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE grids SET code = 'edited'")
        database.commit()
        copies = [folder / "open.gpkg", folder / "open.gpkg-wal"]
        for source, target in zip((path, path.with_name(f"{path.name}-wal")), copies, strict=True):
            target.write_bytes(source.read_bytes())
    database.close()
    return copies[0]


def without_its_log(folder: Path) -> Path:
    path = in_wal_mode(folder)
    path.with_name("open.gpkg-wal").unlink()
    return path


def with_a_foreign_log(folder: Path) -> Path:
    path = in_wal_mode(folder)
    log = path.with_name("open.gpkg-wal")
    log.write_bytes(log.read_bytes()[:16] + b"otherone" + log.read_bytes()[24:])
    return path


def csv_of(content: str | bytes) -> Callable[[Path], Path]:
    return lambda folder: written(folder, "a.csv", content)


@pytest.mark.parametrize(
    ("crs", "read_as"),
    [({"type": "name", "properties": {"name": "EPSG:4214"}}, "EPSG:4214"), (None, None),
     ({"type": "EPSG", "properties": {"code": 4214}}, "EPSG:4214"),
     ({"type": "link", "properties": {"href": "http://spatialreference.org/ref/epsg/3857/proj4/"}}, "EPSG:3857")],
)  # fmt: skip
def test_a_geojsons_coordinate_system_is_read_in_its_old_forms_too(tmp_path: Path, crs: Any, read_as: str) -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    content = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
    assert rows_of(written(tmp_path, "a.geojson", json.dumps(content))).crs == read_as


def test_a_shapefile_is_chosen_by_its_name_where_an_archive_has_several(tmp_path: Path) -> None:
    features(tmp_path, SQUARES, COLUMNS, "grids.zip")
    parts = {p.name: p.read_bytes() for p in (tmp_path / "grids.zip.parts").iterdir()}
    roads = {name.replace("grids", "roads"): b"x" for name in parts}
    table = rows_of(archive(tmp_path, {**roads, **parts}, "two.zip"), layer="grids")
    assert len(table.records) == len(SQUARES)


def geojson_of(content: str) -> Callable[[Path], Path]:
    return lambda folder: written(folder, "a.geojson", content)


def kml_of(content: str) -> Callable[[Path], Path]:
    return lambda folder: written(folder, "a.kml", content)


def zip_of(name: str, **entries: bytes) -> Callable[[Path], Path]:
    return lambda folder: archive(folder, {entry.replace("__", "/"): c for entry, c in entries.items()}, name)


def slipping(folder: Path) -> Path:
    return archive(folder, {"../../evil.shp": b"x"})


def linking(folder: Path) -> Path:
    with zipfile.ZipFile(folder / "link.zip", "w") as packed:
        entry = zipfile.ZipInfo("grids.shp")
        entry.external_attr = (S_IFLNK | 0o777) << 16
        packed.writestr(entry, "/etc/passwd")
    return folder / "link.zip"


def many_entries(folder: Path) -> Path:
    return archive(folder, {f"{i}.txt": b"" for i in range(LIMITS.zip_entries + 1)})


def lying_sheet(folder: Path) -> Path:
    """A workbook with an external entity in its strings."""
    path = sheet(folder, [["code", "name"], ["1", "x"]])
    with zipfile.ZipFile(path) as packed:
        entries = {name: packed.read(name) for name in packed.namelist()}
    evil = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    entries["xl/workbook.xml"] = evil + entries["xl/workbook.xml"]
    return archive(folder, entries, "evil.xlsx")


LAUGHS = "".join(f"<!ENTITY l{i} '{f'&l{i - 1};' * 10}'>" for i in range(1, 10))
DEEP = "[" * 40 + "]" * 40

REFUSED = {
    "an empty file": (csv_of(""), "table.empty"),
    "a header without rows": (csv_of("code,name\n"), "table.empty"),
    "neither UTF-8 nor GB18030": (csv_of(b"code,name\n1,\xff\xff\x80"), "text.encoding"),
    "zero bytes": (csv_of("code\n\0\n"), "text.binary"),
    "a quote without an end": (csv_of('code,name\n1,"x\n'), "csv.broken"),
    "more cells than columns": (csv_of("code,name\n1,2,3\n"), "row.too_many_cells"),
    "a column twice": (csv_of("code,code\n1,2\n"), "table.column_twice"),
    "65,000 columns": (csv_of(",".join(f"c{i}" for i in range(65_000)) + "\n1\n"), "table.too_many_columns"),
    "a formula in a sheet": (lambda f: sheet(f, [["code"], ["=1+1"]]), "cell.formula"),
    "an external entity in a sheet": (lying_sheet, "xml.document_type"),
    "a macro": (zip_of("m.xlsx", xl__workbook=b"", **{"xl__workbook.xml": b"<x/>", "xl__vbaProject.bin": b"x"}),
                "xlsx.active_content"),
    "no format at all": (lambda f: written(f, "a.bin", b"\x01\x02\x03"), "file.unknown_format"),
    "XML of another kind": (lambda f: written(f, "a.xml", "<VRTDataset/>"), "file.unknown_format"),
    "broken JSON": (geojson_of('{"type":"FeatureCollection","features":[{'), "json.broken"),
    "NaN in JSON": (geojson_of('{"type":"Feature","geometry":{"type":"Point","coordinates":[NaN,31]}}'), "json.broken"),
    "a coordinate system elsewhere": (
        geojson_of('{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"crs.wkt"}},"features":[]}'),
        "crs.unknown",
    ),
    "no features": (geojson_of('{"type":"FeatureCollection"}'), "json.not_features"),
    "a geometry too deep": (geojson_of(f'{{"type":"Feature","geometry":{{"type":"Polygon","coordinates":{DEEP}}}}}'),
                            "geometry.too_deep"),
    "a geometry that is none": (geojson_of('{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[1]]}}'),
                                "geometry.broken"),
    "billion laughs": (kml_of(f"<!DOCTYPE kml [<!ENTITY l0 'ha'>{LAUGHS}]><kml>&l9;</kml>"), "xml.document_type"),
    "an external entity": (kml_of("<!DOCTYPE kml [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><kml>&e;</kml>"),
                           "xml.document_type"),
    "a network link": (kml_of(KML.replace("<Document>", "<Document><NetworkLink><Link><href>http://x/</href></Link>"
                                          "</NetworkLink>")), "kml.network_link"),
    "broken XML": (kml_of("<kml><Placemark>"), "xml.broken"),
    "XML too deep": (kml_of("<kml>" + "<Folder>" * 60 + "</Folder>" * 60 + "</kml>"), "xml.too_deep"),
    "coordinates that are no numbers": (kml_of(KML.replace("120.61,31.1 ", "east,north ")), "geometry.broken"),
    "a trigger": (geopackage_with("CREATE TRIGGER evil AFTER INSERT ON grids BEGIN DELETE FROM grids; END"),
                  "gpkg.trigger"),
    "a view": (geopackage_with("CREATE VIEW evil AS SELECT load_extension('x')"), "gpkg.view"),
    "a GeoPackage whose log is elsewhere": (without_its_log, "gpkg.wal"),
    "a GeoPackage with another one's log": (with_a_foreign_log, "gpkg.wal"),
    "a database that is no GeoPackage": (lambda f: written(f, "a.gpkg", b"SQLite format 3\0" + b"x" * 200),
                                         "gpkg.broken"),
    "a bomb": (zip_of("bomb.zip", **{"grids.shp": b"\0" * 30_000_000}), "zip.bomb"),
    "an archive in an archive": (zip_of("n.zip", **{"inner.zip": archived({"a.shp": b"x"})}), "zip.nested"),
    "a path that leads out": (slipping, "zip.unsafe_path"),
    "a link": (linking, "zip.symlink"),
    "too many entries": (many_entries, "zip.too_many_entries"),
    "two shapefiles": (zip_of("two.zip", **{"a.shp": b"x", "b.shp": b"x"}), "file.which_layer"),
    "a shapefile without its parts": (zip_of("part.zip", **{"a.shp": b"x"}), "shapefile.part_missing"),
    "half an archive": (lambda f: written(f, "h.zip", b"PK\x03\x04" + b"x" * 50), "zip.broken"),
    "half a Parquet file": (lambda f: written(f, "h.parquet", b"PAR1" + b"x" * 50), "parquet.broken"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_bad_file_is_refused_with_its_code(tmp_path: Path, what: str) -> None:
    make, code = REFUSED[what]
    with pytest.raises(FileRefused) as refused:
        rows_of(make(tmp_path))
    assert code in {problem.code for problem in refused.value.problems}


def test_an_open_geopackage_is_read_with_its_log_and_stays_as_it_is(tmp_path: Path) -> None:
    path = in_wal_mode(tmp_path)
    before = path.read_bytes()
    packed = tmp_path / "open.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in (path, path.with_name("open.gpkg-wal")):
            archive.write(part, part.name)
    for file in (path, packed):
        assert {record.values["code"] for record in rows_of(file).records} == {"edited"}
    assert path.read_bytes() == before


def test_a_polygon_of_too_many_vertices_is_refused_by_row(tmp_path: Path) -> None:
    round_one = shapely.Point(120.6, 31.1).buffer(0.01, quad_segs=500)
    path = features(tmp_path, [SQUARES[0], round_one], COLUMNS)
    with pytest.raises(FileRefused) as refused:
        rows_of(path, limits=replace(LIMITS, feature_vertices=1000))
    assert [(p.code, p.row) for p in refused.value.problems] == [("geometry.too_many_vertices", 2)]
    with pytest.raises(FileRefused) as refused:
        rows_of(features(tmp_path, [round_one], {"code": ["x"]}, "b.gpkg"), limits=replace(LIMITS, file_vertices=1000))
    assert refused.value.problems[0].code == "file.too_many_vertices"


def test_the_sandboxed_process_returns_the_same_rows(tmp_path: Path) -> None:
    path = features(tmp_path, SQUARES, COLUMNS)
    assert read_table(path) == rows_of(path)


def test_the_sandboxed_process_returns_problems_with_their_rows(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read_table(sheet(tmp_path, [["code"], ["a"], ["=1+1"]]))
    assert [(p.code, p.row, p.cell) for p in refused.value.problems] == [("cell.formula", 3, "Sheet1!A3")]


def test_a_file_that_needs_too_much_memory_ends_only_the_sandboxed_process(tmp_path: Path) -> None:
    """A sparse file that needs more memory than allowed: only the child runs out of it."""
    path = tmp_path / "wide.csv"
    with path.open("w") as out:
        out.write("code,name\n")
        for _ in range(60):
            out.write(f"x,{'y' * 3_000_000}\n")
    with pytest.raises(FileRefused) as refused:
        read_table(path)
    assert refused.value.problems[0].code in ("csv.broken", "file.too_demanding")
