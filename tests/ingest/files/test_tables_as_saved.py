"""Tables as Excel, WPS and web systems save them: read by content, whatever the file is called."""

import gzip
from collections.abc import Callable
from pathlib import Path
from shutil import copy

import pytest

from ingest.files.problems import FileRefused
from tests.ingest.files.making import archive, rows_of, sheet, written

SAMPLES = Path(__file__).parent / "samples"
ROWS = [["code", "name", "lon"], ["c1", "桥头", 120.605], ["c2", "路口", 120.615]]
CSV = "code,name,lon\nc1,桥头,120.605\nc2,路口,120.615\n"
EXPECTED = [{"code": "c1", "name": "桥头"}, {"code": "c2", "name": "路口"}]
HTML = ("<html><head><meta charset=gb2312></head><body><table border=1>{}</table></body></html>").format(
    "<tr><th>code</th><th>name</th><th>lon</th></tr><tr><td>c1<td><b>桥头</b><td>120.605</tr>"
    "<tr><td>c2</td><td> 路口&nbsp;</td><td>120.615</td></tr>"
)
XML = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Sheet1"><Table>'
    '<Row><Cell><Data ss:Type="String">code</Data></Cell><Cell><Data ss:Type="String">name</Data></Cell>'
    '<Cell><Data ss:Type="String">lon</Data></Cell></Row>'
    '<Row ss:Index="3"><Cell><Data ss:Type="String">c1</Data></Cell><Cell><Data ss:Type="String">桥头</Data></Cell>'
    '<Cell><Data ss:Type="Number">120.605</Data></Cell></Row>'
    '<Row><Cell><Data ss:Type="String">c2</Data></Cell><Cell ss:Index="2"><Data ss:Type="String">路口</Data></Cell>'
    '<Cell><Data ss:Type="Number">120.615</Data></Cell></Row></Table></Worksheet></Workbook>'
)


def text(name: str, content: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    return lambda folder: written(folder, name, content.encode(encoding))


SAVED: dict[str, Callable[[Path], Path]] = {
    "a CSV whose first line names the separator": text("a.csv", f"sep=,\n{CSV}"),
    "the same with a semicolon": text("a.csv", "sep=;\r\n" + CSV.replace(",", ";")),
    "semicolons with decimal commas": text("a.csv", CSV.replace(",", ";").replace("0.", "0,")),
    "text in columns called .tab": text("a.tab", CSV.replace(",", "\t")),
    "text in columns without an ending": text("list", CSV.replace(",", "\t")),
    "Excel's Unicode text": text("a.txt", CSV.replace(",", "\t"), "utf-16"),
    "a CSV in UTF-16 with commas": text("a.csv", CSV, "utf-16"),
    "a CSV in UTF-16 without a mark": text("a.csv", CSV, "utf-16-le"),
    "a CSV saved as .xls": text("a.xls", CSV, "gbk"),
    "a CSV saved as .xlsx": text("a.xlsx", CSV),
    "a CSV in gzip": lambda folder: written(folder, "a.csv.gz", gzip.compress(CSV.encode("gbk"))),
    "a CSV in a zip": lambda folder: archive(folder, {"清单.csv": CSV.encode("gbk"), "__MACOSX/._x": b"x"}),
    "a workbook saved as .xls": lambda folder: sheet(folder, ROWS, "a.xlsx").rename(folder / "a.xls"),
    "a workbook without an ending": lambda folder: sheet(folder, ROWS, "a.xlsx").rename(folder / "a"),
    "a page's table saved as .xls": text("a.xls", HTML, "gbk"),
    "a page's table that declares another encoding": text("a.xls", HTML),
    "a page without its outermost tags": text("a.xls", "<meta charset=gbk>" + HTML[HTML.index("<table") :], "gbk"),
    "XML Spreadsheet 2003": text("a.xls", XML),
}


@pytest.mark.parametrize("what", SAVED)
def test_a_table_is_read_by_its_content(tmp_path: Path, what: str) -> None:
    records = rows_of(SAVED[what](tmp_path)).records
    assert [{name: r.values[name] for name in ("code", "name")} for r in records] == EXPECTED
    assert [str(r.values["lon"]).replace(",", ".") for r in records] == ["120.605", "120.615"]


@pytest.mark.parametrize("name", ["cameras.xls", "cameras.et", "cameras.xlsx"])
def test_an_old_workbook_is_read_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    path = Path(copy(SAMPLES / "cameras.xls", tmp_path / name))
    with pytest.raises(FileRefused) as refused:
        rows_of(path)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["row"]) == ("header.elsewhere", 2)
    table = rows_of(path, header=2)
    assert [r.values for r in table.records] == [
        {
            "街道": "松陵街道",
            "编码": code,
            "名称": name,
            "经度": 120.605,
            "纬度": 31.105,
            "登记时间": "2026-03-01T08:30:00",
        }
        for code, name in (("c2", "桥头"), ("c3", "路口"))
    ]
    assert (table.cell(3, "编码"), [n["code"] for n in table.notes]) == (
        "清单!B3",
        ["workbook.as_shown", "cells.merged"],
    )


def test_seconds_of_an_angle_need_no_quotes_in_a_csv(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "code,经度,纬度\nc1,120°38'16.8\"E,31°6'18\"N\n")
    assert rows_of(path).records[0].values["经度"] == "120°38'16.8\"E"


def test_an_open_document_is_read() -> None:
    records = rows_of(SAMPLES / "cameras.ods").records
    assert [(r.values["编码"], r.values["名称"], r.values["经度"]) for r in records] == [
        ("c2", "桥头", 120.605),
        ("c3", "路口", 120.605),
    ]


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a workbook with a password": (
        lambda folder: written(folder, "a.xlsx", OLD + "EncryptedPackage".encode("utf-16-le")),
        "file.encrypted",
    ),
    "a text document": (
        lambda folder: written(folder, "a.doc", OLD + "WordDocument".encode("utf-16-le")),
        "file.unknown_format",
    ),
    "half an old workbook": (
        lambda folder: written(folder, "a.xls", OLD + "Workbook".encode("utf-16-le")),
        "xlsx.broken",
    ),
    "a bomb in gzip": (lambda folder: written(folder, "a.csv.gz", gzip.compress(bytes(30_000_000))), "zip.bomb"),
    "an archive in gzip": (
        lambda folder: written(folder, "a.gz", gzip.compress(b"PK\x03\x04" + bytes(9))),
        "zip.nested",
    ),
    "half a gzip file": (lambda folder: written(folder, "a.csv.gz", gzip.compress(CSV.encode())[:-9]), "zip.broken"),
    "a web archive": (text("a.xls", "MIME-Version: 1.0\nContent-Type: a; b=c\nX: a; b\n"), "file.web_archive"),
    "two tables of a page": (text("a.xls", HTML.replace("</body>", HTML[HTML.index("<table") :])), "file.which_sheet"),
    "a document type in an XML spreadsheet": (
        text("a.xls", XML.replace("<Workbook", "<!DOCTYPE x [<!ENTITY e 'x'>]><Workbook")),
        "xml.document_type",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_table_that_cannot_be_read_is_refused_with_the_way_out(tmp_path: Path, what: str) -> None:
    make, code = REFUSED[what]
    with pytest.raises(FileRefused) as refused:
        rows_of(make(tmp_path))
    assert [problem.code for problem in refused.value.problems] == [code]
