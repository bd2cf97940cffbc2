"""Outlines read from the data package equal those of its own reader."""

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from ingest.county.outlines import OutlineMissing, outline_of
from tests.shared import shared_data

MEASURED = json.loads(Path(__file__).with_name("outlines.json").read_text(encoding="utf8"))


def test_every_county_of_the_five_places_equals_the_reference_reader() -> None:
    truth = gpd.read_file(shared_data("cn_counties_5places.gpkg"), layer="tianditu_wgs84")
    codes = truth.district_adcode.astype(str)
    assert len(codes) == 15
    for code, geometry in zip(codes, truth.geometry, strict=True):
        assert outline_of(code).equals_exact(geometry, tolerance=1e-9), code


@pytest.mark.parametrize("code", MEASURED)
def test_a_county_matches_the_recorded_figures_of_the_reference_reader(code: str) -> None:
    """Figures of `cn_counties_5places.gpkg`, recorded for checkouts without it."""
    outline, measured = outline_of(code), MEASURED[code]
    assert shapely.get_num_coordinates(outline) == measured["vertices"]
    assert outline.bounds == pytest.approx(measured["bounds"], abs=1e-8)
    assert outline.area == pytest.approx(measured["area"], rel=1e-8)
    assert (outline.centroid.x, outline.centroid.y) == pytest.approx(measured["middle"], abs=1e-8)


def test_an_outline_is_one_valid_polygon_at_the_right_place() -> None:
    outline = outline_of("320509")
    assert outline.is_valid
    assert outline.bounds == pytest.approx((120.353612, 30.767184, 120.895622, 31.228172))


@pytest.mark.parametrize("code", ["999999", "", "3205"])
def test_an_unknown_county_is_refused_by_its_code(code: str) -> None:
    with pytest.raises(OutlineMissing) as caught:
        outline_of(code)
    assert caught.value.params == {"code": code}
