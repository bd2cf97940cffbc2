"""Refusals of imports say the way out."""

import pytest
import typer

from api.keeping.commands.import_options import only_level
from api.keeping.commands.import_report import with_good_rows
from geo.terms import Names
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
