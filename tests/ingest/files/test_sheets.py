"""Lists of offices: titles, groups of columns, merged cells, several sheets, hidden rows."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from ingest.files.headers import column_names, find_header
from ingest.files.merged import Merged, filled
from ingest.files.problems import FileRefused, Problem
from tests.ingest.files.making import features, rows_of, written

TITLED: Sequence[Sequence[Any]] = [
    ["松陵街道视频监控台账", None, None, None, None],
    ["填表单位：综治中心", None, None, None, "2026年3月"],
    ["街道", "编码", "名称", "坐标", None],
    [None, None, None, "经度", "纬度"],
    ["松陵街道", "c1", "桥头", 120.605, 31.105],
    [None, "c2", "路口", 120.606, 31.106],
    [None, "c3", "广场", 120.607, 31.107],
    ["盛泽镇", "c4", "市场", 120.608, 31.108],
]
MERGED = ("A1:E1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "A5:A7")


def workbook(folder: Path, fill: Callable[[Workbook, Worksheet], None], rows: Sequence[Sequence[Any]] = TITLED) -> Path:
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    for row in rows:
        page.append(list(row))
    fill(book, page)
    book.save(folder / "list.xlsx")
    return folder / "list.xlsx"


def merge(_: Workbook, page: Worksheet) -> None:
    for some in MERGED:
        page.merge_cells(some)


def refusal(path: Path, **choices: Any) -> Problem:
    with pytest.raises(FileRefused) as refused:
        rows_of(path, **choices)
    (problem,) = refused.value.problems
    return problem


def test_a_header_below_a_title_is_proposed_and_its_groups_are_understood(tmp_path: Path) -> None:
    path = workbook(tmp_path, merge)
    problem = refusal(path)
    assert (problem.code, problem.params["row"]) == ("header.elsewhere", 4)
    assert problem.params["first"] == "松陵街道视频监控台账"
    table = rows_of(path, header=4)
    assert list(table.columns) == ["街道", "编码", "名称", "经度", "纬度"]
    found = [(r.row, r.values["街道"], r.values["编码"], r.values["经度"]) for r in table.records]
    assert found == [
        (5, "松陵街道", "c1", 120.605),
        (6, "松陵街道", "c2", 120.606),
        (7, "松陵街道", "c3", 120.607),
        (8, "盛泽镇", "c4", 120.608),
    ]
    assert {"code": "cells.merged", "ranges": 4} in table.notes
    assert table.cell(5, "纬度") == "Sheet!E5"


def test_the_same_list_as_csv_has_its_header_in_the_same_row(tmp_path: Path) -> None:
    lines = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in TITLED)
    path = written(tmp_path, "list.csv", lines.encode("gbk"))
    assert refusal(path).params["row"] == 4
    table = rows_of(path, header=4)
    assert list(table.columns) == ["街道", "编码", "名称", "经度", "纬度"]
    assert [r.row for r in table.records] == [5, 6, 7, 8]
    assert refusal(path, header=40).code == "header.no_such_row"


def test_several_sheets_are_named_and_asked_for(tmp_path: Path) -> None:
    rows = [["code", "name"], ["c1", "x"]]

    def more(book: Workbook, _: Worksheet) -> None:
        book.create_sheet("二月").append(["code", "name"])
        book.create_sheet("空表")
        hidden = book.create_sheet("字典")
        hidden.append(["别的"])
        hidden.sheet_state = "hidden"

    path = workbook(tmp_path, more, rows)
    problem = refusal(path)
    assert (problem.code, problem.params["sheets"]) == ("file.which_sheet", ["Sheet", "二月"])
    assert rows_of(path, layer="Sheet").records[0].values["code"] == "c1"
    assert refusal(path, layer="三月").params["layers"] == ["Sheet", "二月", "空表", "字典"]


def test_one_sheet_with_rows_needs_no_name(tmp_path: Path) -> None:
    def more(book: Workbook, _: Worksheet) -> None:
        book.create_sheet("Sheet2")
        book.create_sheet("字典").append(["x"])
        book["字典"].sheet_state = "veryHidden"

    path = workbook(tmp_path, more, [["code", "name"], ["c1", "x"]])
    assert [r.values["code"] for r in rows_of(path).records] == ["c1"]


def test_hidden_rows_are_read_and_told(tmp_path: Path) -> None:
    def hide(_: Workbook, page: Worksheet) -> None:
        for row in (3, 4):
            page.row_dimensions[row].hidden = True

    table = rows_of(workbook(tmp_path, hide, [["code"], ["a"], ["b"], ["c"], ["d"]]))
    assert [r.values["code"] for r in table.records] == ["a", "b", "c", "d"]
    assert {"code": "rows.hidden", "rows": 2, "numbers": [3, 4]} in table.notes


def test_date_cells_of_every_kind_become_text(tmp_path: Path) -> None:
    rows = [["a", "b", "c", "d"], [datetime(2026, 3, 1, 8, 30), time(8, 30), timedelta(hours=8, minutes=30), 46082.5]]  # noqa: DTZ001

    def early(book: Workbook, _: Worksheet) -> None:
        book.epoch = CALENDAR_MAC_1904

    table = rows_of(workbook(tmp_path, lambda *_: None, rows))
    assert table.records[0].values == {"a": "2026-03-01T08:30:00", "b": "08:30:00", "c": "08:30:00", "d": 46082.5}
    assert not table.counts_from_1904
    assert rows_of(workbook(tmp_path, early, rows)).counts_from_1904


def test_a_blank_row_within_merged_cells_is_no_row() -> None:
    lines: list[tuple[int, list[Any]]] = [(2, ["x", 1]), (3, [None, 2]), (5, [None, 3]), (6, [None])]
    found = list(filled(lines, [Merged(column=0, row=2, last_row=5)]))
    assert found == [(2, ["x", 1]), (3, ["x", 2]), (5, ["x", 3]), (6, [None])]


@pytest.mark.parametrize(
    ("lines", "index"),
    [
        ([["code", "lon"], ["a", "1"]], 0),
        ([["unit", "x", "y"], ["a", "1", "2"]], 0),
        ([["台账"], ["编码", "经度", "纬度"]], 1),
        ([["一览表", None, None], ["甲", "乙", "丙"], ["1", "2", "3"]], 1),
        ([["编码", "坐标", None], [None, "经度", "纬度"], ["a", 1, 2]], 1),
        ([["编码", "在线", "名称"], ["a", "在线", "1号桥"]], 0),
        ([["编码", "单位", "经度"], ["a", "单位", 120.6]], 0),
        ([["name"], ["x"]], 0),
        ([], 0),
    ],
)
def test_the_row_with_the_names_is_found(lines: list[list[Any]], index: int) -> None:
    assert find_header(lines) == index


def test_columns_of_two_groups_are_named_by_both() -> None:
    groups = ["编码", "起点", None, "终点", None]
    assert column_names([groups], [None, "经度", "纬度", "经度", "纬度"]) == [
        "编码", "起点 经度", "起点 纬度", "终点 经度", "终点 纬度",
    ]  # fmt: skip


def test_the_table_of_qgis_styles_is_no_layer(tmp_path: Path) -> None:
    path = features(tmp_path, [shapely.Point(120.6, 31.1)], {"code": ["c1"]}, "cameras.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_name TEXT)")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
    database.close()
    assert [r.values["code"] for r in rows_of(path).records] == ["c1"]
