"""Polygons as portals publish them: what is not quite valid is read, with words about it."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from geo.datum import Datum
from ingest.files.checked_rows import Checked, GridRow
from ingest.files.grids import ExistingDivisions, check_grids
from ingest.files.mapping import Options
from tests.ingest.files.making import rows_of, written

ROOT = ExistingDivisions(root="320509", parent="320509")
RING = [[120.6, 31.1], [120.61, 31.1], [120.61, 31.11], [120.6, 31.11], [120.6, 31.1]]
SPIKE = [[120.602, 31.102], [120.603, 31.103], [120.602, 31.102], [120.602, 31.102]]
DOT = [[120.602, 31.102], [120.602, 31.102]]
TOUCHING = [[120.6, 31.1], [120.61, 31.1], [120.61, 31.11], [120.605, 31.1], [120.6, 31.11], [120.6, 31.1]]
BOW_TIE = [[120.6, 31.1], [120.61, 31.12], [120.61, 31.1], [120.6, 31.12], [120.6, 31.1]]


def feature(code: str, *rings: Any, **more: Any) -> dict[str, Any]:
    geometry = {"type": "Polygon", "coordinates": rings}
    return {"type": "Feature", "properties": {"code": code}, "geometry": geometry, **more}


def checked(folder: Path, *features: dict[str, Any], **options: Any) -> Checked[GridRow]:
    path = written(folder, "grids.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    return check_grids(rows_of(path), Options(datum=Datum.WGS84, **options), existing=ROOT)


def codes(found: Checked[GridRow]) -> list[Any]:
    return [note["code"] for note in found.notes]


def test_rings_that_enclose_nothing_are_left_out_with_words(tmp_path: Path) -> None:
    found = checked(tmp_path, feature("a", RING, SPIKE, DOT))
    assert (found.problems, codes(found)) == ([], ["geometry.rings_dropped"])
    assert found.rows[0].geometry.equals(shapely.Polygon(RING))


def test_a_ring_that_touches_itself_is_made_valid_unasked(tmp_path: Path) -> None:
    found = checked(tmp_path, feature("a", TOUCHING))
    assert (found.problems, codes(found)) == ([], ["geometry.made_valid"])
    assert found.rows[0].geometry.area == pytest.approx(shapely.Polygon(TOUCHING).area)


def test_a_polygon_whose_area_would_change_is_repaired_on_request_only(tmp_path: Path) -> None:
    (problem,) = checked(tmp_path, feature("a", BOW_TIE)).problems
    assert problem.code == "geometry.invalid" and problem.params["square_metres"] > 1000
    found = checked(tmp_path, feature("a", BOW_TIE), repair=0.0)
    assert (found.problems, codes(found)) == ([], ["geometry.made_valid"])


def test_parts_of_one_code_are_merged_on_request_and_named(tmp_path: Path) -> None:
    there = [[x + 0.05, y] for x, y in RING]
    refused = checked(tmp_path, feature("a", RING), feature("a", there))
    assert [p.code for p in refused.problems] == ["grids.merge_parts", "code.twice", "code.twice"]
    found = checked(tmp_path, feature("a", RING), feature("a", there), merge_parts=True)
    assert found.problems == [] and len(found.rows) == 1
    assert [note["codes"] for note in found.notes] == [["a (2)"]]
    assert len(found.rows[0].geometry.geoms) == 2


def test_a_features_id_can_be_its_code(tmp_path: Path) -> None:
    bare = {**feature("", RING, id="w12"), "properties": {"name": "Ward"}}
    found = checked(tmp_path, bare, columns={"code": "id"})
    assert found.problems == [] and found.rows[0].code == "w12"


def test_a_collection_gives_its_polygons(tmp_path: Path) -> None:
    line = {"type": "LineString", "coordinates": RING[:2]}
    mixed = {"type": "GeometryCollection", "geometries": [line, {"type": "Polygon", "coordinates": [RING]}]}
    found = checked(tmp_path, {**feature("a"), "geometry": mixed})
    assert (found.problems, codes(found)) == ([], ["geometry.lines_dropped"])


def test_kml_with_nested_folders_inner_boundaries_and_spaces_after_commas(tmp_path: Path) -> None:
    def ring(x: float, size: float) -> str:
        corners = shapely.get_coordinates(shapely.box(x, 31.1 + x - 120.6, x + size, 31.1 + x - 120.6 + size)).tolist()
        return (
            "<LinearRing><coordinates>" + " ".join(f"{a}, {b}, 0" for a, b in corners) + "</coordinates></LinearRing>"
        )

    inner = f"<innerBoundaryIs>{ring(120.601, 0.001)}{ring(120.604, 0.001)}</innerBoundaryIs>"
    polygon = f"<Polygon><outerBoundaryIs>{ring(120.6, 0.01)}</outerBoundaryIs>{inner}</Polygon>"
    placemark = f'<Placemark id="p1"><name>A</name>{polygon}</Placemark>'
    path = written(tmp_path, "a.kml", f"<kml><Document><Folder><Folder>{placemark}</Folder></Folder></Document></kml>")
    (record,) = rows_of(path).records
    assert record.values == {"id": "p1", "name": "A"}
    assert isinstance(record.geometry, shapely.Polygon) and len(record.geometry.interiors) == 2


def test_topojson_and_esris_json_are_read(tmp_path: Path) -> None:
    topology = {
        "type": "Topology",
        "arcs": [RING],
        "objects": {"wards": {"type": "GeometryCollection", "geometries": [
            {"type": "Polygon", "arcs": [[0]], "properties": {"code": "a"}}]}},
    }  # fmt: skip
    esri = {
        "geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 4326},
        "fields": [{"name": "code", "type": "esriFieldTypeString"}],
        "features": [{"attributes": {"code": "a"}, "geometry": {"rings": [RING[::-1]]}}],
    }  # fmt: skip
    for name, content in (("t.json", topology), ("e.json", esri)):
        (record,) = rows_of(written(tmp_path, name, json.dumps(content))).records
        assert record.values["code"] == "a" and record.geometry is not None
        assert record.geometry.equals(shapely.Polygon(RING))
