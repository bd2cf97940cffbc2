"""Read XLSX. Formulas are refused, not evaluated: a sheet's values must be what it shows."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException

from ingest.files.choices import Choices
from ingest.files.headed import HeadedTable, Line
from ingest.files.headers import Cells
from ingest.files.merged import Merged, filled
from ingest.files.problems import refuse
from ingest.files.rows import RowWriter
from ingest.files.table import TableHeader

ACTIVE = ("vbaProject.bin",)
BROKEN = (
    InvalidFileException, KeyError, ValueError, SyntaxError, TypeError, AttributeError, IndexError, BadZipFile
)  # fmt: skip
"""Exceptions that openpyxl raises on a corrupt workbook."""
SHEET_ROWS = 1_048_576
"""Rows of a sheet at most. A row may claim any number, and openpyxl then yields the empty ones before it."""
CHUNK = 1 << 20
LISTED_RANGES = 20
MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\shidden="(?:1|true)")[^>]*?\sr="(\d+)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\sref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
_FAULTS = {"f": "cell.formula", "e": "cell.error"}


def read_xlsx(path: Path, parts: list[Path], rows: RowWriter, choices: Choices) -> TableHeader:
    """Read the rows of one sheet: the only one with rows, unless it is named.

    `parts` are the archive's files, unpacked within the limits before openpyxl opens the archive itself.
    """
    check_parts(parts)
    try:
        with (
            path.open("rb") as content,  # By its name, openpyxl would refuse one that ends in .xls.
            closing(load_workbook(content, read_only=True, data_only=False, keep_links=False)) as book,
        ):
            return _read_book(book, rows, choices)
    except BROKEN as error:
        raise refuse("xlsx.broken") from error


def _read_book(book: Any, rows: RowWriter, choices: Choices) -> TableHeader:
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible" and _has_cells(sheet)]
    name = choose_sheet([s.title for s in shown], [s.title for s in book.worksheets], choices.layer)
    sheet = book[name]
    hidden, merged = _structure(sheet)
    table = HeadedTable(
        rows, header=choices.header, sheet=sheet.title, value_of=lambda cell: plain_cell(cell.value), faults_of=_faults
    )
    columns = table.read(filled(_lines(sheet, rows), merged))
    notes = [*table.notes, *structure_notes(hidden, merged)]
    return TableHeader(
        columns=columns, sheet=sheet.title, notes=notes, counts_from_1904=book.epoch == CALENDAR_MAC_1904
    )


def choose_sheet(shown: Sequence[str], sheets: Sequence[str], wanted: str | None) -> str:
    """Return the sheet to read: the named one, else the only one that is shown and has rows."""
    if wanted is not None:
        if wanted not in sheets:
            raise refuse("file.no_such_layer", layer=wanted, layers=list(sheets))
        return wanted
    if len(shown) > 1:
        raise refuse("file.which_sheet", sheets=list(shown))
    if not shown:
        raise refuse("table.empty")
    return shown[0]


def structure_notes(hidden: Sequence[int], merged: Sequence[Merged]) -> list[dict[str, Any]]:
    """Tell of hidden rows, which are read like others, and of merged cells that were filled."""
    downwards = sum(1 for one in merged if one.last_row > one.row)
    notes: list[dict[str, Any]] = []
    if hidden:
        notes.append({"code": "rows.hidden", "rows": len(hidden), "numbers": list(hidden[:LISTED_RANGES])})
    if downwards:
        notes.append({"code": "cells.merged", "ranges": downwards})
    return notes


def _has_cells(sheet: Any) -> bool:
    sheet.reset_dimensions()  # A false dimension would cost memory; the rows are counted instead.
    return any(cell.value is not None for _, cells in zip(range(50), sheet.iter_rows(), strict=False) for cell in cells)


def _structure(sheet: Any) -> tuple[list[int], list[Merged]]:
    """Return the hidden rows' numbers and the merged ranges, which openpyxl does not tell of a sheet that it streams.

    Text in XML has no `<` of its own, so the tags are found without parsing: it takes a twentieth of the time.
    """
    hidden, merged, before = [], [], b""
    with sheet._get_source() as source:
        while piece := source.read(CHUNK):
            text = before + piece
            end = text.rfind(b">") + 1
            hidden += [int(number) for number in _HIDDEN_ROW.findall(text[:end])]
            merged += [Merged.of(*range_boundaries(ref.decode())) for ref in _MERGED.findall(text[:end])]
            before = text[end:]
    return hidden, merged


def _lines(sheet: Any, rows: RowWriter) -> Iterator[Line]:
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > SHEET_ROWS:
            raise refuse("table.too_many_rows", limit=rows.limits.rows)
        if any(cell.value is not None for cell in cells):
            yield number, cells


def _faults(cells: Cells) -> Iterator[tuple[int, str]]:
    for index, cell in enumerate(cells):
        if cell.data_type in _FAULTS:
            yield index, _FAULTS[cell.data_type]


def check_parts(parts: list[Path]) -> None:
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


def plain_cell(value: Any) -> Any:
    """Convert a cell to text, number, boolean, or ISO 8601 text for dates; blank is None."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):  # A time of day in a format for durations, `[h]:mm`.
        return (MIDNIGHT + value).time().isoformat() if timedelta() <= value < timedelta(days=1) else str(value)
    return value
