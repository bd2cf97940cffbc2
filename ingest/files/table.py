"""The table that every format is read into: rows of named values with their row numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry

from ingest.files.problems import Problem

REJECTED_ROW, REJECTED_BECAUSE = "rejected_row", "rejected_because"
"""Columns that a file of rejected rows has besides its own; they are not read."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row. `values` are text, numbers, booleans or None by column; `geometry` is as written in the file."""

    row: int
    values: Mapping[str, Any]
    geometry: BaseGeometry | None = None


@dataclass(frozen=True, slots=True)
class TableHeader:
    """A table without its rows. `sheet` is set for spreadsheets; `crs` is the file's own, if it has one.

    `notes` are decisions of the reader, such as an encoding. `problems` are those of rows that were kept all the same.
    `counts_from_1904` tells which day a workbook's days are counted from, where they are not shown as dates.
    """

    columns: Sequence[str]
    sheet: str | None = None
    crs: str | None = None
    notes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    problems: Sequence[Problem] = ()
    counts_from_1904: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows with its header's fields. Values that are None are left out of its records."""

    columns: Sequence[str]
    records: Sequence[Record]
    sheet: str | None = None
    crs: str | None = None
    notes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    problems: Sequence[Problem] = ()
    counts_from_1904: bool = False

    def cell(self, row: int, column: str) -> str | None:
        """Return the address of a spreadsheet's cell; None for other formats."""
        if self.sheet is None or column not in self.columns:
            return None
        return f"{self.sheet}!{column_letters(self.columns.index(column))}{row}"


def column_letters(index: int) -> str:
    """Return a spreadsheet's name of a column, counted from 0: A, B, … Z, AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
