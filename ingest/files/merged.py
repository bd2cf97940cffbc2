"""Fill merged cells: a value that stands once for several rows is each row's. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.files.headers import Cells

Line = tuple[int, Cells]


@dataclass(frozen=True, slots=True)
class Merged:
    """A range of merged cells: its first column from 0, and its first and last rows from 1."""

    column: int
    row: int
    last_row: int

    @classmethod
    def of(cls, left: int, top: int, right: int, bottom: int) -> "Merged":
        """Make one of a range's bounds, counted from 1. Only its first column is filled: a value is of one field."""
        return cls(column=left - 1, row=top, last_row=bottom)


def filled(lines: Iterable[Line], merged: Sequence[Merged]) -> Iterator[Line]:
    """Yield the lines with the value of each merged range in all of its rows."""
    begins: dict[int, list[Merged]] = defaultdict(list)
    for one in merged:
        if one.last_row > one.row:
            begins[one.row].append(one)
    if not begins:
        yield from lines
        return
    standing: dict[int, tuple[int, Any]] = {}
    for number, cells in lines:
        standing = {column: kept for column, kept in standing.items() if kept[0] >= number}
        complete = _with(cells, standing) if standing else cells
        for one in begins.pop(number, ()):
            if one.column < len(complete):
                standing[one.column] = (one.last_row, complete[one.column])
        yield number, complete


def _with(cells: Cells, standing: dict[int, tuple[int, Any]]) -> Cells:
    """Put the values in place. A range may lie beyond the last cell of a row."""
    wanted = list(cells)
    for column, (_, value) in standing.items():
        if column < len(wanted):
            wanted[column] = value
        elif column == len(wanted):
            wanted.append(value)
    return wanted
