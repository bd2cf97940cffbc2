"""Faults of borders are drawn beside the file."""

import json
from pathlib import Path

import shapely

from api.keeping.commands.fault_drawing import draw_faults, drawing_beside

FAULT = {"fault": "overlap", "code": "a", "width_m": 0.03, "wkb": shapely.to_wkb(shapely.box(0, 0, 1, 1), hex=True)}


def test_faults_are_drawn_as_geojson_beside_the_file(tmp_path: Path) -> None:
    target = drawing_beside(tmp_path / "wards.gpkg")
    (line,) = draw_faults([FAULT], target)
    assert (target.name, line.code) == ("wards.gpkg.faults.geojson", "report.drawn")
    (feature,) = json.loads(target.read_text())["features"]
    assert feature["properties"] == {"fault": "overlap", "code": "a", "width_m": 0.03}
    assert feature["geometry"]["type"] == "Polygon"


def test_a_drawing_that_cannot_be_written_is_told_and_does_not_end_the_import(tmp_path: Path) -> None:
    (line,) = draw_faults([FAULT], tmp_path / "nowhere" / "a.geojson")
    assert line.code == "report.not_drawn"
    assert draw_faults([], tmp_path / "a.geojson") == []
