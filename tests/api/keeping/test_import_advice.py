"""Refusals of imports say the way out."""

import pytest
import typer

from api.keeping.commands.import_messages import message_of
from api.keeping.commands.import_options import only_level
from api.keeping.commands.import_report import with_good_rows
from geo.terms import Names
from ingest.files.cells import Row
from ingest.files.mapping import FieldMapping
from ingest.files.problems import FileRefused, Problem
from ingest.files.table import Record, Table
from layers.divisions.terms import Boundary, Level, LevelName, Root

TABLE = Table(columns=["code"], records=[Record(row=row, values={"code": "a"}) for row in (2, 3, 4)])
NAMES = Names(zh="城", en="Town")


def root_with(*levels: LevelName) -> Root:
    below = tuple(Level(level=level, names=NAMES) for level in levels)
    return Root(code="town", names=NAMES, boundary=Boundary(source=NAMES), levels=below)


@pytest.mark.parametrize(("rows", "good"), [([2], 2), ([2, 2, 3], 1), ([2, 3, 4], None), ([None, 2], None)], ids=str)
def test_a_refusal_for_some_rows_says_how_many_are_good(rows: list[int | None], good: int | None) -> None:
    refused = with_good_rows(FileRefused([Problem("field.missing", row=row) for row in rows]), TABLE)
    assert [p.params.get("good") for p in refused.problems if p.code == "rows.good"] == ([good] if good else [])


def test_the_only_level_below_the_root_need_not_be_given() -> None:
    assert only_level(root_with("city", "grid")) == "grid"
    with pytest.raises(typer.BadParameter, match="town, grid"):
        only_level(root_with("county", "town", "grid"))


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize("field", ["category", "source", "risk", "kind", "mode", "language"])
def test_the_refusal_of_an_unknown_code_names_those_there_are(field: str, chinese: bool) -> None:
    row = Row(TABLE, TABLE.records[0], FieldMapping({}, {field: "fax"}, {}))
    assert not row.one_of(field, {"desk": "desk", "值班台": "desk", "hotline": "hotline"})
    text = message_of(row.problems[0], chinese=chinese)
    assert text.endswith("现有：desk, hotline" if chinese else "there are: desk, hotline")
    assert field in {"mode", "language"} or f"--value '{field}:fax=" in text


def test_a_refusal_lists_no_more_codes_than_one_reads() -> None:
    row = Row(TABLE, TABLE.records[0], FieldMapping({}, {"specialities": "magic"}, {}))
    row.some_of("specialities", {f"hazard.{n}": f"hazard.{n}" for n in range(300)})
    assert message_of(row.problems[0], chinese=False).endswith("hazard.10, hazard.11, …")
    row.some_of("specialities", {})
    assert message_of(row.problems[1], chinese=False).endswith("there are: –")
