"""Read a table of cells that has its column names in one of its rows: CSV, workbooks and tables of web pages."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from ingest.files.headers import SEARCHED, Cells, checked_columns, column_names, find_header, plain
from ingest.files.problems import Problem, refuse
from ingest.files.rows import RowWriter
from ingest.files.table import Record, column_letters

Line = tuple[int, Cells]
"""A row's number in the file, and its cells."""


def no_faults(cells: Cells) -> Iterable[tuple[int, str]]:
    return ()


@dataclass(slots=True)
class HeadedTable:
    """A table that is being read into `rows`.

    `sheet` names the cells of problems. `value_of` converts a cell; `faults_of` yields the index and problem code of
    bad ones. With `strict`, a row may not be longer than the header.
    """

    rows: RowWriter
    header: int | None = None
    sheet: str | None = None
    value_of: Callable[[Any], Any] = field(default=lambda cell: cell)
    faults_of: Callable[[Cells], Iterable[tuple[int, str]]] = no_faults
    strict: bool = False
    columns: list[str] = field(default_factory=list)
    _unnamed: int = 0

    def read(self, lines: Iterable[Line]) -> list[str]:
        """Read all lines and return the column names. Raises FileRefused."""
        rest = iter(lines)
        first = [self._values(line) for line in _until_header(rest, self.header)]
        self.columns, data = self._begin(first)
        for line in chain(data, map(self._values, rest)):
            self._add(line)
        return self.columns

    @property
    def notes(self) -> list[dict[str, Any]]:
        """Notes on what was passed over."""
        return [{"code": "columns.unnamed", "rows": self._unnamed}] if self._unnamed else []

    def _values(self, line: Line) -> tuple[int, Cells, Cells]:
        return line[0], line[1], [self.value_of(cell) for cell in line[1]]

    def _begin(self, first: list[tuple[int, Cells, Cells]]) -> tuple[list[str], list[tuple[int, Cells, Cells]]]:
        filled = [line for line in first if any(map(plain, line[2]))]
        if not filled:
            raise refuse("table.empty")
        values = [line[2] for line in filled]
        if self.header is None:
            if likely := find_header(values):
                raise refuse("header.elsewhere", row=filled[likely][0], first=plain(next(filter(None, values[0]))))
            at = 0
        else:
            at = next((i for i, line in enumerate(filled) if line[0] == self.header), -1)
            if at < 0:
                raise refuse("header.no_such_row", row=self.header)
        return checked_columns(column_names(values[:at], values[at]), self.rows.limits), filled[at + 1 :]

    def _add(self, line: tuple[int, Cells, Cells]) -> None:
        number, cells, values = line
        if len(cells) > self.rows.limits.columns and any(map(plain, values[self.rows.limits.columns :])):
            raise refuse("table.too_many_columns", limit=self.rows.limits.columns, found=len(cells))
        for index, code in self.faults_of(cells):
            name = self.columns[index] if index < len(self.columns) else None
            cell = f"{self.sheet}!{column_letters(index)}{number}" if self.sheet is not None else None
            self.rows.add_problem(Problem(code, row=number, field=name, cell=cell))
        surplus = [plain(value) for value in values[len(self.columns) :] if plain(value)]
        if surplus and self.strict:
            params = {"columns": len(self.columns), "surplus": surplus[:10]}
            self.rows.add_problem(Problem("row.too_many_cells", row=number, params=params))
        named = {name: value for name, value in zip(self.columns, values, strict=False) if name}
        self._unnamed += len(named) < len(self.columns) and bool(surplus or _fills_unnamed(self.columns, values))
        if any(value is not None for value in named.values()):
            self.rows.add(Record(row=number, values=named))


def _fills_unnamed(columns: list[str], values: Cells) -> bool:
    return any(plain(value) for name, value in zip(columns, values, strict=False) if not name)


def _until_header(lines: Iterator[Line], header: int | None) -> Iterator[Line]:
    """Yield the lines among which the header is."""
    for count, line in enumerate(lines, start=1):
        yield line
        if (count >= SEARCHED) if header is None else (line[0] >= header):
            return
