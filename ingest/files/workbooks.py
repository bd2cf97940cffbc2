"""Read workbooks of other kinds than XLSX with calamine: .xls and .et (BIFF), .xlsb and .ods.

Their values are what the sheet showed when it was last saved: calamine computes no formulas and runs no macros.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from ingest.files.choices import Choices
from ingest.files.headed import HeadedTable, Line
from ingest.files.merged import Merged, filled
from ingest.files.problems import refuse
from ingest.files.rows import RowWriter
from ingest.files.sheets import check_parts, choose_sheet, plain_cell, structure_notes
from ingest.files.table import TableHeader

ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORKBOOK = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"), "ETExtData".encode("utf-16-le"))
"""Names of streams within the container that old workbooks, documents and encrypted files share."""
ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})


def read_old_workbook(path: Path, rows: RowWriter, choices: Choices) -> TableHeader:
    """Read .xls or .et. Raises FileRefused for an encrypted workbook, and for documents, which look alike."""
    content = path.read_bytes()
    if ENCRYPTED in content:
        raise refuse("file.encrypted")
    if not any(name in content for name in WORKBOOK):
        raise refuse("file.unknown_format")
    return read_workbook(path, rows, choices)


def read_zipped_workbook(path: Path, parts: list[Path], rows: RowWriter, choices: Choices) -> TableHeader:
    """Read .xlsb or .ods, unpacked within the limits before. Macros and document types are refused."""
    check_parts(parts)
    return read_workbook(path, rows, choices)


def read_workbook(path: Path, rows: RowWriter, choices: Choices) -> TableHeader:
    """Read the rows of one sheet: the only one with rows, unless it is named."""
    try:
        with path.open("rb") as content, closing(CalamineWorkbook.from_filelike(content)) as book:
            return _read_book(book, rows, choices)
    except PasswordError as error:
        raise refuse("file.encrypted") from error
    except CalamineError as error:
        raise refuse("xlsx.broken") from error


def _read_book(book: Any, rows: RowWriter, choices: Choices) -> TableHeader:
    visible = [about.name for about in book.sheets_metadata if about.visible == SheetVisibleEnum.Visible]
    shown = [name for name in visible if book.get_sheet_by_name(name).height]
    name = choose_sheet(shown, book.sheet_names, choices.layer)
    sheet = book.get_sheet_by_name(name)
    merged = [
        Merged.of(left + 1, top + 1, right + 1, bottom + 1)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
    ]
    table = HeadedTable(rows, header=choices.header, sheet=name, value_of=_plain, faults_of=_faults)
    columns = table.read(filled(_lines(sheet), merged))
    notes = [{"code": "workbook.as_shown"}, *table.notes, *structure_notes([], merged)]
    return TableHeader(columns=columns, sheet=name, notes=notes)


def _lines(sheet: Any) -> Iterator[Line]:
    """Yield the rows from the first one on. Calamine leaves out the columns before the first filled one."""
    before = [None] * (sheet.start[1] if sheet.start else 0)
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if any(cell != "" for cell in cells):
            yield number, [*before, *cells]


def _plain(value: Any) -> Any:
    return plain_cell(None if value == "" else value)


def _faults(cells: Any) -> Iterator[tuple[int, str]]:
    for index, cell in enumerate(cells):
        if isinstance(cell, str) and cell in ERRORS:
            yield index, "cell.error"
