"""Read tables that programs write as HTML or XML and call .xls: exports of web systems, and XML Spreadsheet 2003."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from ingest.files.choices import Choices
from ingest.files.encodings import CHUNK, decide_file, declared_encoding
from ingest.files.headed import HeadedTable
from ingest.files.merged import Merged, filled
from ingest.files.problems import refuse
from ingest.files.rows import RowWriter
from ingest.files.sheets import SHEET_ROWS, choose_sheet
from ingest.files.table import TableHeader

SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
CELLS = ("td", "th")
SILENT = ("script", "style")
MOST_SPANNED = 1000


def read_html(path: Path, rows: RowWriter, choices: Choices) -> TableHeader:
    """Read the only table of a page that has rows. Tables are named by number where there are several."""
    encoding = decide_file(path, declared=declared_encoding(path), given=choices.encoding)
    page = _Page(rows)
    with path.open(encoding=encoding.name, newline="") as text:
        while piece := text.read(CHUNK):
            page.feed(piece)
    page.close()
    tables = {str(number): table for number, table in enumerate(page.tables, start=1) if len(table.lines) > 1}
    name = choose_sheet(list(tables), list(tables), choices.layer)
    table = HeadedTable(rows, header=choices.header)
    lines = (line for line in tables[name].lines if any(cell is not None for cell in line[1]))
    columns = table.read(filled(lines, tables[name].merged))
    return TableHeader(columns=columns, notes=[*encoding.notes, *table.notes])


class _Table:
    """Rows of a page's table, with the ranges of cells that span rows."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, list[Any]]] = []
        self.merged: list[Merged] = []
        self._taken: dict[int, int] = {}

    def begin_row(self) -> None:
        self.lines.append((len(self.lines) + 1, []))
        self._taken = {column: rows - 1 for column, rows in self._taken.items() if rows > 1}

    def add(self, text: str, *, columns: int, rows: int) -> None:
        """Add a cell to the last row, after the columns that cells above span."""
        number, cells = self.lines[-1]
        while len(cells) in self._taken:
            cells.append(None)
        if rows > 1:
            self.merged.append(Merged(column=len(cells), row=number, last_row=number + rows - 1))
            self._taken |= {len(cells) + i: rows for i in range(columns)}
        cells += [text or None, *[None] * (columns - 1)]


class _Page(HTMLParser):
    """Collects the tables of a page. Nothing that it refers to is read."""

    def __init__(self, rows: RowWriter) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self._limits = rows.limits
        self._cell: list[str] | None = None
        self._spans = (1, 1)
        self._silent = 0
        self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("table", "tr", *CELLS):
            self._end_cell()
        if tag == "table":
            self.tables.append(_Table())
        elif tag == "tr" and self.tables:
            self.tables[-1].begin_row()
        elif tag in CELLS and self.tables and self.tables[-1].lines:
            known = dict(attrs)
            self._cell, self._spans = [], (_span(known.get("colspan")), _span(known.get("rowspan")))
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")
        self._silent += tag in SILENT

    def handle_endtag(self, tag: str) -> None:
        if tag in ("table", "tr", *CELLS):
            self._end_cell()
        self._silent -= tag in SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._silent:
            self._cell.append(data)

    def _end_cell(self) -> None:
        if self._cell is None:
            return
        self._count += self._spans[0]
        if self._count > self._limits.cells:
            raise refuse("table.too_many_cells", limit=self._limits.cells)
        columns, rows = self._spans
        text = "\n".join(" ".join(line.split()) for line in "".join(self._cell).splitlines()).strip()
        self.tables[-1].add(text, columns=columns, rows=rows)
        self._cell = None


def _span(said: str | None) -> int:
    return min(int(said), MOST_SPANNED) if said and said.isdecimal() and len(said) < 6 and int(said) else 1


def read_xml_spreadsheet(path: Path, rows: RowWriter, choices: Choices) -> TableHeader:
    """Read XML Spreadsheet 2003: the only worksheet with rows, unless it is named."""
    encoding = decide_file(path, declared=declared_encoding(path), given=choices.encoding)
    try:
        found = {name: table for name, table in _worksheets(path, encoding.name, rows) if table.lines}
    except DefusedXmlException as error:
        raise refuse("xml.document_type") from error
    except ParseError as error:
        raise refuse("xml.broken", line=error.position[0]) from error
    name = choose_sheet(list(found), list(found), choices.layer)
    table = HeadedTable(rows, header=choices.header, sheet=name)
    columns = table.read(filled(iter(found[name].lines), found[name].merged))
    return TableHeader(
        columns=columns, sheet=name, notes=[*encoding.notes, {"code": "workbook.as_shown"}, *table.notes]
    )


def _worksheets(path: Path, encoding: str, rows: RowWriter) -> Iterator[tuple[str, _Table]]:
    count, table = 0, _Table()
    with path.open(encoding=encoding, newline="") as text:
        for _, element in iterparse(text, events=("end",), forbid_dtd=True):
            local = element.tag.rpartition("}")[2]
            if local == "Row":
                count += _add_row(table, element)
                if count > rows.limits.cells:
                    raise refuse("table.too_many_cells", limit=rows.limits.cells)
                element.clear()
            elif local == "Worksheet":
                yield _attribute(element, "Name") or "", table
                table = _Table()
                element.clear()


def _add_row(table: _Table, row: Any) -> int:
    """Add a row with its cells, which may leave out empty ones and rows before them, and return their number."""
    number = _number(row, "Index", default=table.lines[-1][0] + 1 if table.lines else 1)
    cells: list[Any] = []
    for cell in row:
        cells += [None] * (_number(cell, "Index", default=len(cells) + 1) - 1 - len(cells))
        if down := _number(cell, "MergeDown", default=0):
            table.merged.append(Merged(column=len(cells), row=number, last_row=number + down))
        data = next((d for d in cell if d.tag.endswith("}Data")), None)
        text = "" if data is None else "".join(data.itertext()).strip()
        cells += [_typed(text, None if data is None else _attribute(data, "Type"))]
        cells += [None] * _number(cell, "MergeAcross", default=0)
    if any(cell is not None for cell in cells):
        table.lines.append((number, cells))
    return len(cells)


def _number(element: Any, name: str, *, default: int) -> int:
    """Return a whole attribute, at most `MOST_SPANNED` for a column and a sheet's rows for a row."""
    text = _attribute(element, name)
    most = SHEET_ROWS if element.tag.endswith("}Row") else MOST_SPANNED
    return min(int(text), most) if text and text.isdecimal() and len(text) < 9 else default


def _typed(text: str, kind: str | None) -> Any:
    if kind == "Number" and text:
        try:
            return float(text)
        except ValueError:
            return text
    return text or None


def _attribute(element: Any, name: str) -> str | None:
    found = element.get(f"{{{SPREADSHEET}}}{name}", element.get(name))
    return found if isinstance(found, str) else None
