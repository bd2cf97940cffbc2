"""What a file declares about its encoding is checked against its text; garbled text is never kept."""

from pathlib import Path

import pytest
import shapely

from ingest.files.encodings import BIG5, GB18030, codec_named, decide
from ingest.files.garbled import garbled
from ingest.files.problems import FileRefused
from tests.ingest.files.making import archive, features, rows_of, written

SIMPLIFIED, TRADITIONAL = "编码,名称\nc1,盛泽镇\n", "編碼,名稱\nc1,臺北市中山區\n"
SQUARES = [shapely.box(120.6, 31.1, 120.61, 31.11), shapely.box(120.61, 31.1, 120.62, 31.11)]
COLUMNS = {"code": ["a1", "a2"], "name": ["松陵", "盛泽"]}


@pytest.mark.parametrize(
    ("text", "written_in", "declared", "read_in"),
    [
        (SIMPLIFIED, "utf-8", "GBK", "utf-8"),
        (SIMPLIFIED, "utf-8", "936", "utf-8"),
        (SIMPLIFIED, "utf-8", "BIG5", "utf-8"),
        (SIMPLIFIED, "utf-8", "ISO-8859-1", "utf-8"),
        (SIMPLIFIED, "gbk", "UTF-8", GB18030),
        (SIMPLIFIED, "gbk", "ANSI 936", GB18030),
        (SIMPLIFIED, "gbk", "OEM", GB18030),
        (SIMPLIFIED, "gbk", "Big5", GB18030),
        (SIMPLIFIED, "gbk", None, GB18030),
        ("松陵", "gbk", None, GB18030),
        (TRADITIONAL, "big5", None, BIG5),
        (TRADITIONAL, "big5", "gb2312", BIG5),
        (TRADITIONAL, "big5", "950", BIG5),
        (TRADITIONAL, "gbk", None, GB18030),
        (TRADITIONAL, "gbk", "big5", GB18030),
        ("Zürich", "cp1252", "1252", "cp1252"),
        ("Café", "utf-8", None, "utf-8"),
        (SIMPLIFIED, "utf-16", None, "utf-16"),
        ("code,name,remark\n盛泽", "utf-16-le", None, "utf-16-le"),
        ("code,name,remark\n盛泽", "utf-16-be", None, "utf-16-be"),
        (SIMPLIFIED, "utf-8-sig", "GBK", "utf-8-sig"),
    ],
)
def test_text_is_read_in_the_encoding_it_is_in(text: str, written_in: str, declared: str | None, read_in: str) -> None:
    content = text.encode(written_in)
    found = decide(lambda: [content], declared=declared)
    assert found.name == read_in
    assert content.decode(found.name) == text
    corrected = [note for note in found.notes if note["code"] == "text.encoding_corrected"]
    is_told = declared not in (None, "OEM") and codec_named(declared or "") != codec_named(read_in)
    assert bool(corrected) is (is_told and read_in != "utf-8-sig")


@pytest.mark.parametrize(
    ("content", "declared", "code"),
    [
        ("Zürich".encode("cp1252"), None, "text.encoding_unsure"),
        ("Café".encode(), "GBK", "text.encoding_unsure"),
        ("松陵".encode("gbk"), "ISO-8859-1", "text.encoding_differs"),
        (("盛泽镇\n" * 5).encode()[:-2], None, "text.damaged"),
        (("盛泽镇\n" * 5).encode()[:-2], "GBK", "text.damaged"),
        (SIMPLIFIED.encode(), "no such thing", "text.encoding_unknown"),
        (SIMPLIFIED.encode(), "rot13", "text.encoding_unknown"),
    ],
)
def test_text_whose_encoding_cannot_be_told_is_refused(content: bytes, declared: str | None, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        decide(lambda: [content], declared=declared)
    assert refused.value.problems[0].code == code


def test_a_stated_encoding_counts_but_must_decode() -> None:
    content = "Zurich\n松陵".encode("gbk")
    assert decide(lambda: [content], given="GBK").name == GB18030
    with pytest.raises(FileRefused) as refused:
        decide(lambda: [content], given="UTF-8")
    (problem,) = refused.value.problems
    assert (problem.code, problem.params) == ("text.encoding_wrong", {"encoding": "UTF-8", "line": 2})


@pytest.mark.parametrize(("given", "told"), [("windows-1252", 1), ("GBK", 1), ("utf-8", 0)])
def test_the_mark_of_utf8_stands_before_a_stated_encoding(given: str, told: int) -> None:
    found = decide(lambda: ["Länge".encode("utf-8-sig")], given=given)
    assert (found.name, len(found.notes)) == ("utf-8-sig", told)


def test_a_chunk_that_ends_within_a_character_changes_nothing() -> None:
    content = SIMPLIFIED.encode("gbk")
    assert decide(lambda: [bytes((byte,)) for byte in content]).name == GB18030


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("GBK", "utf-8"), ("936", "utf-8"), ("BIG5", "utf-8"), ("UTF-8", "gbk"), ("ANSI 936", "gbk"), ("OEM", "gbk")],
)
def test_a_shapefile_keeps_its_names_whatever_its_cpg_declares(tmp_path: Path, declared: str, encoding: str) -> None:
    features(tmp_path, SQUARES, COLUMNS, "grids.zip")
    parts = {p.name: p.read_bytes() for p in (tmp_path / "grids.zip.parts").iterdir()}
    for name in COLUMNS["name"]:
        was, now = name.encode("gb18030"), name.encode(encoding)
        parts["grids.dbf"] = parts["grids.dbf"].replace(was + b" " * (len(now) - len(was)), now)
    table = rows_of(archive(tmp_path, {**parts, "grids.cpg": declared.encode()}, "declared.zip"))
    assert [record.values["name"] for record in table.records] == ["松陵", "盛泽"]


@pytest.mark.parametrize("encoding", ["GB2312", "gbk", "Big5", "UTF-16", "ISO-8859-1"])
def test_kml_is_read_in_its_encoding_or_refused(tmp_path: Path, encoding: str) -> None:
    kml = (
        f"<?xml version='1.0' encoding='{encoding}'?><kml><Placemark><name>三里</name><Point><coordinates>120.6,31.1"
        "</coordinates></Point></Placemark></kml>"
    )
    content = kml.encode("gb18030" if encoding == "ISO-8859-1" else encoding)
    path = written(tmp_path, "a.kml", content)
    if encoding == "ISO-8859-1":
        with pytest.raises(FileRefused, match=r"import\.refused"):
            rows_of(path)
    named = encoding if encoding != "ISO-8859-1" else "gbk"
    assert rows_of(path, encoding=named).records[0].values["name"] == "三里"


@pytest.mark.parametrize(
    ("text", "code", "likely"),
    [
        ("鐩涙辰", "text.garbled", "盛泽"),
        ("ç››æ³½", "text.garbled", "盛泽"),
        ("盛泽".encode().decode("latin-1"), "text.garbled", "盛泽"),
        ("锟斤拷锟斤拷", "text.characters_lost", ""),
        ("盛泽\ufffd", "text.characters_lost", ""),
    ],
)
def test_text_garbled_before_it_came_is_refused_with_what_it_was(
    tmp_path: Path, text: str, code: str, likely: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        rows_of(written(tmp_path, "a.csv", f"code,name\n1,{text}\n"))
    (problem,) = refused.value.problems
    assert (problem.code, problem.row, problem.field, problem.params["likely"]) == (code, 2, "name", likely)


@pytest.mark.parametrize("text", ["南浔", "溧阳", "洹澧滟", "Café", "naïve", "國區臺灣", "㙟𠮷", "‘é’", ""])
def test_rare_characters_are_not_garbled(text: str) -> None:
    assert garbled(text) is None
