"""Rows as clerks write them: coordinates and times in any column and writing, totals, remarks and repeated names."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shapely

from geo.datum import Datum
from ingest.files.checked_rows import Checked, IncidentRow, Vocabulary
from ingest.files.checking import CountyOutline, check_incidents
from ingest.files.dates import DateFormat
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused, Problem
from ingest.files.table import Record, Table
from tests.ingest.files.making import rows_of, sheet, written

NOW = datetime(2026, 6, 1, tzinfo=UTC)
COUNTY = CountyOutline(shapely.box(120, 30, 122, 32))
WORDS = Vocabulary({"noise": "noise"}, {}, {}, {}, {}, {}, {}, {}, {"old": "old"})
OPTIONS = Options(datum=Datum.WGS84, constants={"source": "old", "category": "noise"}, zone=ZoneInfo("Asia/Shanghai"))
HALF_PAST_EIGHT = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)
GOOD = {"经度": 120.605, "纬度": 31.105, "发生时间": "2026-03-01 08:30"}


def checked(*rows: dict[str, Any], options: Options = OPTIONS, **heading: Any) -> Checked[IncidentRow]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    values = [{name: value for name, value in row.items() if value is not None} for row in rows]
    records = [Record(row=number, values=some) for number, some in enumerate(values, start=2)]
    return check_incidents(
        Table(columns=columns, records=records, **heading), options, county=COUNTY, vocabulary=WORDS, now=NOW
    )


def with_(**options: Any) -> Options:
    return Options(**{**{name: getattr(OPTIONS, name) for name in OPTIONS.__dataclass_fields__}, **options})


def problem_of(*rows: dict[str, Any], **options: Any) -> Problem:
    found = checked(*rows, **options)
    (problem,) = found.problems
    return problem


@pytest.mark.parametrize(
    "place",
    [
        {"经度": "120°36′18″", "纬度": "31°6′18″"},
        {"经度（°）*": "120.605", "纬　度": "３１．１０５"},
        {"经度": "E120.605", "纬度": "N31.105"},
        {"经度": "N31.105", "纬度": "E120.605"},
        {"经度": "120,605", "纬度": "31,105"},
        {"经纬度": "120.605,31.105"},
        {"经纬度": "31.105，120.605"},
        {"坐标": "北纬31.105，东经120.605"},
        {"lat,lng": "31.105 120.605"},
        {"WKT": "POINT (120.605 31.105)"},
        {"经度": "120.605,31.105", "纬度": None},
    ],
)
def test_a_place_is_found_in_every_writing(place: dict[str, Any]) -> None:
    found = checked({**place, "发生时间": "2026-03-01 08:30"})
    assert not found.problems
    seen = found.rows[0].observation
    assert (seen.lon, seen.lat, seen.raw_x, seen.raw_y) == pytest.approx((120.605, 31.105, 120.605, 31.105))


def test_the_columns_of_a_centres_own_list_are_known() -> None:
    row = {
        "事件来源": "old", "事件编号": "7", "事件类别": "noise", "事件标题": "争吵", "事件描述": "邻居报告",
        "事发时间": "2026-03-01 08:30", "事发地点": "东门市场", "经度": 120.605, "纬度": 31.105,
    }  # fmt: skip
    found = checked(row, options=replace(OPTIONS, constants={}))
    assert not found.problems
    seen = found.rows[0].observation
    assert (seen.source, seen.external_no, seen.category, seen.title) == ("old", "7", "noise", "争吵")
    assert (seen.description, seen.address, seen.occurred_at) == ("邻居报告", "东门市场", HALF_PAST_EIGHT)


@pytest.mark.parametrize(
    ("place", "code", "field"),
    [
        ({"经度": "x", "纬度": 31.1}, "number.broken", "lon"),
        ({"经度": "999", "纬度": 31.1}, "number.out_of_range", "lon"),
        ({"经度": "119.5", "纬度": 31.1}, "point.outside", "lon"),
        ({"经度": "31.1", "纬度": "120.6"}, "coordinate.swapped", "lon"),
        ({"坐标": "松陵街道12号"}, "coordinate.unreadable", "position"),
        ({"坐标": "75.9,39.5"}, "coordinate.order", "position"),
    ],
)
def test_the_refusal_of_a_place_shows_its_value(place: dict[str, Any], code: str, field: str) -> None:
    problem = problem_of({**place, "发生时间": "2026-03-01 08:30"})
    written_there = ", ".join(map(str, place.values())) if code.startswith(("point.", "coordinate.s")) else None
    shown = written_there or next(iter(place.values()))
    assert (problem.code, problem.field, problem.params["value"]) == (code, field, shown)


@pytest.mark.parametrize(
    "time",
    [
        {"发生时间": "2026/3/1 上午 8:30"},
        {"发生时间": 46082.3541666667},
        {"发生日期": "2026年3月1日", "发生时间": "8:30"},
        {"发生日期": "2026-03-01T00:00:00", "发生时刻": "08:30:00"},
        {"日期": 46082, "时间": 0.35416666667},
        {"时间": "2026.3.1 8:30"},
        {"发生日期": "2026/3/1", "发生时间": "2026/3/1 8:30"},
        {"发生时间": "2026/3/1 8:30", "time": "5 minutes"},
    ],
)
def test_a_time_is_found_in_every_writing(time: dict[str, Any]) -> None:
    found = checked({"经度": 120.605, "纬度": 31.105, **time})
    assert [row.observation.occurred_at for row in found.rows] == [HALF_PAST_EIGHT]
    assert ("time.joined" in {note["code"] for note in found.notes}) is (len(time) > 1)
    is_counted = any(isinstance(value, float | int) for value in time.values())
    assert ("time.counted" in {note["code"] for note in found.notes}) is is_counted


@pytest.mark.parametrize(
    ("time", "code", "shown"),
    [
        ({"发生时间": "昨天"}, "time.broken", "昨天"),
        ({"发生时间": "1/2/2026"}, "time.ambiguous", "1/2/2026"),
        ({"发生时间": "8:30"}, "time.no_day", "8:30"),
        ({"发生日期": "2026/3/1", "发生时间": "2026/3/2 8:30"}, "time.conflict", "2026/3/2 8:30 2026/3/1"),
    ],
)
def test_the_refusal_of_a_time_shows_its_value(time: dict[str, Any], code: str, shown: str) -> None:
    problem = problem_of({"经度": 120.605, "纬度": 31.105, **time})
    assert (problem.code, problem.params["value"]) == (code, shown)


def test_a_stated_order_settles_ambiguous_days() -> None:
    for order, month, day in (("dmy", 2, 1), ("mdy", 1, 2)):
        found = checked({**GOOD, "发生时间": "1/2/2026 8:30"}, options=with_(dates=DateFormat.of(order)))
        moment = found.rows[0].observation.occurred_at
        assert (moment.month, moment.day) == (month, day)


def test_a_workbook_that_counts_from_1904_is_read_by_its_own_calendar() -> None:
    found = checked({**GOOD, "发生时间": 46082.3541666667 - 1462}, counts_from_1904=True)
    assert found.rows[0].observation.occurred_at == HALF_PAST_EIGHT
    assert {"code": "time.counted", "year": 1904} in found.notes


def test_a_column_of_times_of_day_is_never_dropped_silently() -> None:
    row = {**GOOD, "发生时间": "2026/3/1", "钟点": "8:30"}
    with pytest.raises(FileRefused) as refused:
        checked(row)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["columns"]) == ("time.column_unused", ["钟点"])
    joined = checked(row, options=with_(columns={"occurred_time": "钟点"}))
    assert joined.rows[0].observation.occurred_at == HALF_PAST_EIGHT
    without = checked(row, options=with_(constants={**OPTIONS.constants, "occurred_time": ""}))
    assert without.rows[0].observation.occurred_at.hour == 16


def test_totals_and_remarks_are_left_out_and_told() -> None:
    first = {"编号": "1", "外部编号": "1", "标题": None, **GOOD}
    found = checked(
        first,
        {"编号": "合　计", "标题": "1 件"},
        {"编号": "小计：", "标题": "1"},
        {"编号": "17"},
        {"编号": "填表人：王某", "标题": "x"},
    )
    assert (len(found.rows), found.problems) == (1, [])
    assert {"code": "rows.totals", "rows": 4, "numbers": [3, 4, 5, 6]} in found.notes


def test_a_row_that_only_lacks_its_place_is_no_remark() -> None:
    found = checked(GOOD, {"标题": "合计金额有争议", "发生时间": "2026-03-01"})
    assert [(p.row, p.code, p.field) for p in found.problems] == [
        (3, "field.missing", "lon"),
        (3, "field.missing", "lat"),
    ]


def test_two_columns_of_one_name_are_asked_for() -> None:
    row = {"经度(GCJ02)": 120.6, "经度(WGS84)": 120.605, "纬度": 31.105, "发生时间": "2026-03-01 08:30"}
    with pytest.raises(FileRefused) as refused:
        checked(row)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["columns"]) == ("map.which_column", ["经度(GCJ02)", "经度(WGS84)"])
    assert checked(row, options=with_(columns={"lon": "经度(WGS84)"})).rows[0].observation.lon == 120.605


@pytest.mark.parametrize("title", ["-3栋", "@物业", "+86 512 6398", "=1+1", "＝合同", "'引号'", "''-x"])
def test_text_that_begins_like_a_formula_is_text(tmp_path: Path, title: str) -> None:
    path = written(tmp_path, "a.csv", f"标题,经度,纬度,发生时间\n{title},120.605,31.105,2026-03-01 08:30\n")
    found = check_incidents(rows_of(path), OPTIONS, county=COUNTY, vocabulary=WORDS, now=NOW)
    assert found.rows[0].observation.title == (title[1:] if title.startswith("''-") else title)


def test_a_real_formula_of_a_sheet_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        rows_of(sheet(tmp_path, [["标题"], ["=1+1"]]))
    assert refused.value.problems[0].code == "cell.formula"


@pytest.mark.parametrize(("value", "sheet_name"), [(3.20509100101001e17, "Sheet1"), (1e15, "Sheet1"),
                                                  (1e16, None), ("3.20509E+17", None)])  # fmt: skip
def test_a_number_that_a_spreadsheet_has_rounded_is_no_code(value: object, sheet_name: str | None) -> None:
    problem = problem_of({**GOOD, "外部编号": value}, sheet=sheet_name)
    assert (problem.code, problem.field) == ("code.rounded", "external_no")


def test_numbers_that_are_exact_are_codes() -> None:
    rows = checked(
        {**GOOD, "外部编号": 320509100101001010}, {**GOOD, "外部编号": 1e15}, {**GOOD, "外部编号": "12.0"}
    ).rows
    assert [row.observation.external_no for row in rows] == ["320509100101001010", "1000000000000000", "12.0"]


def test_the_error_of_a_formula_is_text_that_is_told() -> None:
    notes = checked({**GOOD, "标题": "#N/A"}, GOOD, {**GOOD, "标题": "#value!"}).notes
    assert notes == [{"code": "text.error_values", "count": 2, "rows": [2, 4]}]


def test_a_column_that_is_not_there_is_told_once_with_the_columns() -> None:
    row = {"lng_wgs": 120.605, "lat_wgs": 31.105, "发生时间": "2026-03-01 08:30"}
    problems = checked(row, row, row).problems
    assert [(p.code, p.row, p.field, p.params["columns"]) for p in problems] == [
        ("field.no_column", None, "lon", [*row]), ("field.no_column", None, "lat", [*row])
    ]  # fmt: skip
    assert {p.code for p in checked({**GOOD, "地址": "x", "经度": None}, GOOD).problems} == {"field.missing"}


def test_text_that_programs_mark_for_excel_is_read_without_the_marks(tmp_path: Path) -> None:
    head = "外部编号,标题,经度,纬度,发生时间\n"
    path = written(tmp_path, "a.csv", f'{head}="00123",="-3栋","=""120.605""",\'31.105,\'2026-03-01 08:30\n')
    table = rows_of(path)
    (row,) = check_incidents(table, OPTIONS, county=COUNTY, vocabulary=WORDS, now=NOW).rows
    found = row.observation
    assert (found.external_no, found.title, found.lon, found.lat) == ("00123", "-3栋", 120.605, 31.105)
    assert found.occurred_at == HALF_PAST_EIGHT


def test_a_multipoint_of_one_point_is_that_point() -> None:
    values = {name: value for name, value in GOOD.items() if name == "发生时间"}
    shapes = (shapely.MultiPoint([(120.605, 31.105)]), shapely.MultiPoint([(120.605, 31.105), (120.6, 31.1)]))
    records = [Record(row, values, shape) for row, shape in enumerate(shapes, start=1)]
    table = Table(columns=[*values], records=records)
    found = check_incidents(table, OPTIONS, county=COUNTY, vocabulary=WORDS, now=NOW)
    assert [(row.observation.lon, row.observation.lat) for row in found.rows] == [(120.605, 31.105)]
    assert [(problem.code, problem.row) for problem in found.problems] == [("geometry.not_a_point", 2)]


@pytest.mark.parametrize("mark", ["-", "——", "/", "无", " "])
def test_a_mark_of_none_is_no_closing_time(mark: str) -> None:
    (row,) = checked({**GOOD, "办结时间": mark}).rows
    assert row.observation.closed_at is None
    assert problem_of({**GOOD, "发生时间": mark}).code == "field.missing"
