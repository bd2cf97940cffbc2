"""XLSX. Formulas are refused, not evaluated: what a sheet shows must be what it holds."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ingest.files.limits import Limits
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.table import Record, Table, letters
from ingest.files.text import header_of

ACTIVE = ("vbaProject.bin",)


def read_xlsx(path: Path, parts: list[Path], limits: Limits, *, layer: str | None) -> Table:
    """The rows of one sheet (the first unless named) whose first row names the columns.

    `parts` are the archive's files, unpacked within the limits before openpyxl opens the archive itself.
    """
    _check_parts(parts)
    try:
        book = load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, SyntaxError) as error:
        raise refuse("xlsx.broken") from error
    if layer is not None and layer not in book.sheetnames:
        raise refuse("file.no_such_layer", layer=layer, layers=list(book.sheetnames))
    sheet = book[layer] if layer is not None else book.worksheets[0]
    # The dimension a sheet claims may be a lie that costs memory; the rows are counted instead.
    sheet.reset_dimensions()
    rows = sheet.iter_rows()
    columns = header_of([_header(cell) for cell in next(rows, ())], limits)
    return Table(columns=columns, records=_records(rows, columns, sheet.title, limits), sheet=sheet.title)


def _check_parts(parts: list[Path]) -> None:
    """Refuse macros and document types."""
    for part in parts:
        if part.name in ACTIVE:
            raise refuse("xlsx.active_content", entry=part.name)
        if part.suffix in (".xml", ".rels"):
            refuse_document_type(part.read_bytes())


def refuse_document_type(content: bytes) -> None:
    """XML with a document type can name entities, files and addresses: refused, in any encoding it may hide in."""
    plain = content.replace(b"\0", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise refuse("xml.document_type")


def _header(cell: Any) -> str:
    return "" if cell.value is None else str(cell.value).strip()


def _records(rows: Any, columns: list[str], sheet: str, limits: Limits) -> list[Record]:
    records: list[Record] = []
    problems: list[Problem] = []
    for number, cells in enumerate(rows, start=2):
        if len(cells) > limits.columns:
            raise refuse("table.too_many_columns", limit=limits.columns, found=len(cells))
        if len(records) >= limits.rows:
            raise refuse("table.too_many_rows", limit=limits.rows)
        for index, cell in enumerate(cells):
            if cell.data_type in ("f", "e"):
                code = "cell.formula" if cell.data_type == "f" else "cell.error"
                name = columns[index] if index < len(columns) else None
                problems.append(Problem(code, row=number, field=name, cell=f"{sheet}!{letters(index)}{number}"))
        values = {n: _plain(c.value) for n, c in zip(columns, cells, strict=False) if n}
        if any(v is not None for v in values.values()):
            records.append(Record(row=number, values=values))
    if problems:
        raise FileRefused(problems)
    return records


def _plain(value: Any) -> Any:
    """Text, number, boolean, or ISO 8601 text for dates; blank is None."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value
