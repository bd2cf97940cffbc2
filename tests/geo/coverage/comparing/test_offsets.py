"""Tests of files in another datum than they were declared to be in."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import translate

from geo.coverage.building import coverage_of
from geo.coverage.comparing.offsets import require_own_place
from geo.coverage.comparing.rows import EditedRow
from geo.coverage.divisions import Division
from geo.coverage.editing.moving import Move
from geo.coverage.refusals import OtherPlace
from geo.coverage.topology import Coverage
from geo.datum import Datum, from_wgs84, to_wgs84
from tests.geo.coverage.comparing.test_operations import after, as_edited, rows_of
from tests.geo.coverage.made import at, drawn_county, squares
from tests.shared import shared_data

COUNTIES = "cn_counties_5places.gpkg"


def shifted(rows: Sequence[EditedRow], *, by: Datum, declared: Datum = Datum.WGS84) -> list[EditedRow]:
    """Rows that are in `by`, and were read as if they were `declared`."""

    def moved(places: np.ndarray) -> np.ndarray:
        there = from_wgs84(places[:, 0], places[:, 1], by)
        return np.column_stack(to_wgs84(*there, declared))

    return [replace(row, shape=shapely.transform(row.shape, moved)) for row in rows]


def refusal(coverage: Coverage, rows: Sequence[EditedRow], *, declared: Datum = Datum.WGS84) -> dict[str, object]:
    with pytest.raises(OtherPlace) as refused:
        require_own_place(coverage, rows, declared=declared)
    assert refused.value.params["where"]
    return refused.value.params


@pytest.mark.parametrize("bare", [False, True], ids=["with codes", "without"])
@pytest.mark.parametrize(
    ("by", "declared"),
    [(Datum.GCJ02, Datum.WGS84), (Datum.BD09, Datum.WGS84), (Datum.WGS84, Datum.GCJ02), (Datum.GCJ02, Datum.BD09)],
)
def test_a_draft_in_another_datum_is_caught_and_the_datum_named(by: Datum, declared: Datum, bare: bool) -> None:
    rows = [replace(row, code=None) if bare else row for row in rows_of(drawn_county())]
    told = refusal(drawn_county(), shifted(rows, by=by, declared=declared), declared=declared)
    assert (told["likely"], told["rows"]) == (by.value, 60)


@pytest.mark.parametrize("bare", [False, True], ids=["with codes", "without"])
def test_half_a_file_in_another_datum_is_caught_and_just_that_half_drawn(bare: bool) -> None:
    rows = [replace(row, code=None) if bare else row for row in rows_of(drawn_county())]
    told = refusal(drawn_county(), [*rows[:30], *shifted(rows[30:], by=Datum.GCJ02)])
    assert (told["likely"], told["count"], told["rows"]) == ("gcj02", 30, 60)
    assert bare or told["codes"] == [row.code for row in rows[30:]]


def test_exchanged_axes_are_caught_where_either_order_is_on_the_globe() -> None:
    coverage = coverage_in_two("652901", shapely.box(80.2, 41.1, 80.3, 41.2))
    turned = [replace(row, shape=shapely.transform(row.shape, lambda v: v[:, ::-1])) for row in rows_of(coverage)]
    for rows in (turned, [replace(row, code=None) for row in turned]):
        assert refusal(coverage, rows)["likely"] == "axes"


@pytest.mark.parametrize("metres", [8.0, 120.0, 5_700_000.0])
def test_a_shift_of_no_known_datum_is_caught(metres: float) -> None:
    rows = [
        replace(row, shape=translate(row.shape, -metres / 95_500, metres / 400_000)) for row in rows_of(drawn_county())
    ]
    told = refusal(drawn_county(), rows)
    assert (told["likely"], told["count"]) == ("unknown", 60) and told["offset_m"] == pytest.approx(metres, rel=0.1)


def test_drafts_that_were_edited_are_where_they_belong() -> None:
    require_own_place(drawn_county(), as_edited(rows_of(drawn_county())), declared=Datum.WGS84)
    moved = after(squares(), Move(vertex=at(1, 1), to=at(1.4, 1.4)), Move(vertex=at(2, 2), to=at(1.6, 2.4)))
    require_own_place(squares(), moved, declared=Datum.WGS84)


@cache
def counties(layer: str) -> gpd.GeoSeries:
    frame = gpd.read_file(shared_data(COUNTIES), layer=layer)
    codes = frame["district_adcode" if "district_adcode" in frame else "adcode"].astype(str)
    return frame.set_index(codes).geometry


def coverage_in_two(code: str, whole: shapely.Geometry) -> Coverage:
    """A county of a western and an eastern town."""
    west, south, east, north = whole.bounds
    halves = [whole.intersection(shapely.box(west, south, (west + east) / 2, north))]
    halves.append(whole.difference(halves[0]))
    divisions = [Division(code, code, "county", None), *(Division(f"{code}{i}", "", "town", code) for i in (0, 1))]
    shapes = {f"{code}{i}": half for i, half in enumerate(halves)}
    return coverage_of(divisions, shapes, levels=("county", "town"))


@pytest.mark.parametrize("known", ["amap_wgs84", "tianditu_wgs84"])
def test_each_real_county_in_gcj02_is_caught_and_no_right_one(known: str) -> None:
    codes = [*counties(known).index]
    assert len(codes) == 15
    codes = codes if known == "tianditu_wgs84" else codes[::4]
    other = {"amap_wgs84": "tianditu_wgs84", "tianditu_wgs84": "amap_wgs84"}[known]
    for code in codes:
        coverage = coverage_in_two(code, counties(known)[code])
        told = refusal(coverage, [EditedRow(None, counties("cnmaps_gcj02_datum_test")[code])])
        assert told["likely"] == "gcj02", code
        require_own_place(coverage, [EditedRow(None, counties(other)[code])], declared=Datum.WGS84)
