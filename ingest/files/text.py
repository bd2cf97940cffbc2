"""CSV, and telling what a text is encoded in."""

import csv
from pathlib import Path
from typing import Any

from ingest.files.limits import Limits
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.table import Record, Table

DELIMITERS = ",\t;|"


def decoded(content: bytes) -> tuple[str, str]:
    """The text and its encoding: UTF-8 if it is that strictly, else GB18030. Raises FileRefused if neither."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if marked else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise refuse("text.encoding")


def encoding_notes(encoding: str) -> list[dict[str, Any]]:
    """What the report says of an encoding: nothing of UTF-8, which is expected."""
    plain = encoding.lower()
    return [] if plain in ("utf-8", "utf8") else [{"code": "text.encoding_found", "encoding": plain}]


def read_csv(path: Path, limits: Limits) -> Table:
    """The rows of a CSV whose first line names the columns. `Record.row` is the line a row begins on."""
    text, encoding = decoded(path.read_bytes())
    if "\0" in text:
        raise refuse("text.binary")
    header_end = text.find("\n")
    header = text[: header_end if header_end >= 0 else len(text)]
    csv.field_size_limit(limits.cell_chars)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(header), strict=True)
    try:
        columns = header_of([name.strip() for name in next(reader, [])], limits)
        records = _records(reader, columns, limits)
    except csv.Error as error:
        raise FileRefused([Problem("csv.broken", row=reader.line_num)]) from error
    return Table(columns=columns, records=records, notes=encoding_notes(encoding))


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def header_of(names: list[str], limits: Limits) -> list[str]:
    """Column names, once they are few, filled and different. Raises FileRefused."""
    while names and not names[-1]:
        names = names[:-1]
    if not names:
        raise refuse("table.empty")
    if len(names) > limits.columns:
        raise refuse("table.too_many_columns", limit=limits.columns, found=len(names))
    doubled = sorted({n for n in names if n and names.count(n) > 1})
    if doubled:
        raise refuse("table.column_twice", columns=doubled)
    return names


def _records(reader: Any, columns: list[str], limits: Limits) -> list[Record]:
    records: list[Record] = []
    problems: list[Problem] = []
    line = reader.line_num
    for cells in reader:
        begins, line = line + 1, reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            problems.append(Problem("row.too_many_cells", row=begins, params={"columns": len(columns)}))
        if len(records) >= limits.rows:
            raise refuse("table.too_many_rows", limit=limits.rows)
        values = {name: cell.strip() or None for name, cell in zip(columns, cells, strict=False) if name}
        records.append(Record(row=begins, values=values))
    if problems:
        raise FileRefused(problems)
    return records
