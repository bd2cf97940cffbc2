"""Read XLSX. Formulas are refused, not evaluated: a sheet's values must be what it shows."""

from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ingest.files.problems import Problem, refuse
from ingest.files.rows import RowWriter
from ingest.files.table import Record, TableHeader, column_letters
from ingest.files.text import header_of

ACTIVE = ("vbaProject.bin",)
BROKEN = (
    InvalidFileException, KeyError, ValueError, SyntaxError, TypeError, AttributeError, IndexError, BadZipFile
)  # fmt: skip
"""Exceptions that openpyxl raises on a corrupt workbook."""
SHEET_ROWS = 1_048_576
"""Rows of a sheet at most. A row may claim any number, and openpyxl then yields the empty ones before it."""
CHUNK = 1 << 20


def read_xlsx(path: Path, parts: list[Path], rows: RowWriter, *, layer: str | None) -> TableHeader:
    """Read the rows of one sheet (the first unless named) whose first row has the column names.

    `parts` are the archive's files, unpacked within the limits before openpyxl opens the archive itself.
    """
    _check_parts(parts)
    try:
        with closing(load_workbook(path, read_only=True, data_only=False, keep_links=False)) as book:
            return _read_book(book, rows, layer=layer)
    except BROKEN as error:
        raise refuse("xlsx.broken") from error


def _read_book(book: Any, rows: RowWriter, *, layer: str | None) -> TableHeader:
    if layer is not None and layer not in book.sheetnames:
        raise refuse("file.no_such_layer", layer=layer, layers=list(book.sheetnames))
    sheet = book[layer] if layer is not None else book.worksheets[0]
    # A false dimension would cost memory; the rows are counted instead.
    sheet.reset_dimensions()
    lines = sheet.iter_rows()
    columns = header_of([_header(cell) for cell in next(lines, ())], rows.limits)
    for number, cells in enumerate(lines, start=2):
        if len(cells) > rows.limits.columns:
            raise refuse("table.too_many_columns", limit=rows.limits.columns, found=len(cells))
        if number > SHEET_ROWS:
            raise refuse("table.too_many_rows", limit=rows.limits.rows)
        _add_rows(cells, rows, number=number, columns=columns, sheet=sheet.title)
    return TableHeader(columns=columns, sheet=sheet.title)


def _add_rows(cells: Sequence[Any], rows: RowWriter, *, number: int, columns: Sequence[str], sheet: str) -> None:
    for index, cell in enumerate(cells):
        if cell.data_type in ("f", "e"):
            code = "cell.formula" if cell.data_type == "f" else "cell.error"
            name = columns[index] if index < len(columns) else None
            rows.add_problem(Problem(code, row=number, field=name, cell=f"{sheet}!{column_letters(index)}{number}"))
    values = {n: _plain(c.value) for n, c in zip(columns, cells, strict=False) if n}
    if any(v is not None for v in values.values()):
        rows.add(Record(row=number, values=values))


def _check_parts(parts: list[Path]) -> None:
    """Refuse macros and document types."""
    for part in parts:
        if part.name in ACTIVE:
            raise refuse("xlsx.active_content", entry=part.name)
        if part.suffix in (".xml", ".rels"):
            refuse_document_type(part)


def refuse_document_type(part: Path) -> None:
    """Refuse XML with a DTD, which can refer to files and addresses, in any encoding."""
    before = b""
    with part.open("rb") as stream:
        while piece := stream.read(CHUNK):
            plain = before + piece.replace(b"\0", b"")
            if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
                raise refuse("xml.document_type")
            before = plain[-len(b"<!DOCTYPE") :]


def _header(cell: Any) -> str:
    return "" if cell.value is None else str(cell.value).strip()


def _plain(value: Any) -> Any:
    """Convert a cell to text, number, boolean, or ISO 8601 text for dates; blank is None."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value
