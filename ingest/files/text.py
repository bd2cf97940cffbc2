"""Read CSV, and detect the encoding of text."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from ingest.files.limits import Limits
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.rows import RowWriter
from ingest.files.table import Record, TableHeader

DELIMITERS = ",\t;|"
CHUNK = 1 << 20


def encoding_of(path: Path) -> str:
    """Detect the encoding: UTF-16 by its byte order mark, else UTF-8 if valid, else GB18030. Raises FileRefused.

    The whole file is decoded once, in chunks, so that no later reader meets an invalid byte.
    """
    with path.open("rb") as stream:
        marked = stream.read(2) in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            with path.open(encoding=encoding, newline="") as text:
                _check_text(text)
        except UnicodeDecodeError:
            continue
        return encoding
    raise refuse("text.encoding")


def _check_text(text: TextIO) -> None:
    while piece := text.read(CHUNK):
        if "\0" in piece:
            raise refuse("text.binary")


def encoding_notes(encoding: str) -> list[dict[str, Any]]:
    """Return the note of an encoding other than UTF-8."""
    plain = encoding.lower().removesuffix("-sig")
    return [] if plain in ("utf-8", "utf8") else [{"code": "text.encoding_found", "encoding": plain}]


def read_csv(path: Path, rows: RowWriter) -> TableHeader:
    """Read the rows of a CSV whose first line has the column names. `Record.row` is the line a row begins on."""
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as text:
        header = text.readline(rows.limits.cell_chars)
        text.seek(0)
        with _lines(text, delimiter=_delimiter(header), limits=rows.limits) as lines:
            columns = header_of([name.strip() for name in next(lines, [])], rows.limits)
            _add_rows(lines, columns, rows)
    return TableHeader(columns=columns, notes=encoding_notes(encoding))


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


@contextmanager
def _lines(text: Iterable[str], *, delimiter: str, limits: Limits) -> Iterator[Any]:
    """Open a CSV reader whose errors become FileRefused."""
    csv.field_size_limit(limits.cell_chars)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        yield reader
    except csv.Error as error:
        raise FileRefused([Problem("csv.broken", row=reader.line_num)]) from error


def header_of(names: Sequence[str], limits: Limits) -> list[str]:
    """Return the column names. Raises FileRefused if there are none, too many, or repeated ones."""
    filled = max((i for i, name in enumerate(names, start=1) if name), default=0)
    if not filled:
        raise refuse("table.empty")
    if filled > limits.columns:
        raise refuse("table.too_many_columns", limit=limits.columns, found=filled)
    found = list(names[:filled])
    doubled = sorted({n for n in found if n and found.count(n) > 1})
    if doubled:
        raise refuse("table.column_twice", columns=doubled)
    return found


def _add_rows(lines: Any, columns: Sequence[str], rows: RowWriter) -> None:
    line = lines.line_num
    for cells in lines:
        begins, line = line + 1, lines.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            rows.add_problem(Problem("row.too_many_cells", row=begins, params={"columns": len(columns)}))
        values = {name: cell.strip() or None for name, cell in zip(columns, cells, strict=False) if name}
        rows.add(Record(row=begins, values=values))
