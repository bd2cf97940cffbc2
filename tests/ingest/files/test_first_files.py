"""Files that a new user imports first: what they have no column for is said once, with the way out."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely

from geo.datum import Datum
from ingest.files import checking
from ingest.files.checked_rows import Vocabulary
from ingest.files.checking import CountyOutline, check_cameras, check_incidents
from ingest.files.grids import ExistingDivisions, check_grids
from ingest.files.likely_codes import likely_codes
from ingest.files.mapping import Options
from ingest.files.table import Record, Table
from tests.ingest.files.making import features, rows_of, written

COUNTY = CountyOutline(shapely.box(-88, 41, -87, 42))
WORDS = Vocabulary({"assault": "assault"}, {}, {}, {}, {}, {}, {}, {}, {"police": "police"})
TOWN = ExistingDivisions(root="town", parent="town")
WGS84 = Options(datum=Datum.WGS84)
CALLS = "date,kind,longitude,latitude\n2010-01-01 00:05,street,-87.6,41.7\n2010-01-02 00:12,hotel,-87.7,41.8\n"
OLD_CALLS = Options(
    datum=Datum.WGS84,
    columns={"occurred_at": "date"},
    constants={"category": "assault", "source": "police"},
    zone=ZoneInfo("America/Chicago"),
)


def test_a_field_without_a_column_is_one_problem_that_names_the_columns(tmp_path: Path) -> None:
    table = rows_of(written(tmp_path, "cameras.csv", "_id,place,lon,lat\n1,a,-87.6,41.7\n2,b,-87.7,41.8\n"))
    (problem,) = check_cameras(table, WGS84, county=COUNTY).problems
    assert (problem.code, problem.row, problem.field) == ("field.no_column", None, "code")
    assert problem.params["columns"] == ["_id", "place", "lon", "lat"]


def test_a_blank_cell_of_a_column_that_is_there_is_a_problem_of_its_row(tmp_path: Path) -> None:
    table = rows_of(written(tmp_path, "cameras.csv", "code,lon,lat\n,-87.6,41.7\n,-87.7,41.8\n"))
    found = check_cameras(table, WGS84, county=COUNTY).problems
    assert [(p.code, p.row) for p in found] == [("field.missing", 2), ("field.missing", 3)]


def test_grids_without_codes_get_the_options_that_give_them(tmp_path: Path) -> None:
    squares = [shapely.box(-88, 41, -87.5, 42), shapely.box(-87.5, 41, -87, 42)]
    table = rows_of(features(tmp_path, squares, {"district": ["7", "8"]}))
    (problem,) = check_grids(table, WGS84, existing=TOWN).problems
    assert (problem.code, problem.row) == ("grids.likely_codes", None)
    assert problem.params["proposal"] == "--map code=district"
    (problem,) = check_grids(rows_of(features(tmp_path, squares, {}, "bare.gpkg")), WGS84, existing=TOWN).problems
    assert problem.code == "grids.no_columns"
    named = Options(datum=Datum.WGS84, columns={"name": "district"}, codes_from_names=True)
    assert [row.code for row in check_grids(table, named, existing=TOWN).rows] == ["7", "8"]


@pytest.mark.parametrize(
    ("columns", "proposal"),
    [
        ({"name": ["喜洲镇", "湾桥镇"], "code9": ["532901104", "532901107"]}, "--map code=code9"),
        ({"n": [1, 2], "编码 9": [532901104.0, 532901107.0]}, "--map code='编码 9'"),
        ({"county": ["532901", "532901"], "nhood": ["Lone Mountain/USF", "Marina"]},
         "--codes-from-names --map name=nhood"),
        ({"name": ["喜洲镇", "湾桥镇"]}, ""),
        ({"name": ["La Marina", "la marina"], "n": ["1", None]}, ""),
    ],
)  # fmt: skip
def test_the_column_that_gives_each_row_a_code_is_proposed(columns: dict[str, list[object]], proposal: str) -> None:
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    records = [Record(row=number, values=row) for number, row in enumerate(rows, start=1)]
    assert likely_codes(Table(columns=[*columns], records=records)) == proposal


def test_a_column_named_for_a_whole_time_is_not_read_again_as_its_day(tmp_path: Path) -> None:
    table = rows_of(written(tmp_path, "calls.csv", CALLS))
    found = check_incidents(table, OLD_CALLS, county=COUNTY, vocabulary=WORDS, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert [row.observation.occurred_at.isoformat() for row in found.rows] == [
        "2010-01-01T06:05:00+00:00",
        "2010-01-02T06:12:00+00:00",
    ]
    assert "time.joined" not in {note["code"] for note in found.notes}


def test_checking_tells_how_many_rows_it_has_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "ROWS_BETWEEN_NEWS", 1)
    told: list[int] = []
    table = rows_of(written(tmp_path, "cameras.csv", "code,lon,lat\na,-87.6,41.7\nb,-87.7,41.8\n"))
    check_cameras(table, WGS84, county=COUNTY, on_rows=told.append)
    assert told == [1, 2]


def test_a_geopackage_with_a_table_of_tiles_beside_its_boundaries_is_read(tmp_path: Path) -> None:
    path = features(tmp_path, [shapely.box(-88, 41, -87, 42)], {"code": ["a"]})
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE relief (id INTEGER PRIMARY KEY, zoom_level INTEGER, tile_data BLOB)")
        for name in ("relief_zoom_insert", "relief_tile_column_update"):
            database.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON relief BEGIN SELECT RAISE(ABORT, 'zoom'); END")
    database.close()
    assert [record.values["code"] for record in rows_of(path, layer="grids").records] == ["a"]
