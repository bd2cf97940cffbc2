"""A month's list as a workbook or CSV: one row for each entry, with the words of one language."""

import asyncio
import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from io import BytesIO, StringIO
from types import MappingProxyType
from typing import Any

from fastapi import Response
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from api.http.language import Lang
from api.http.wire.lists import ListEntryOut
from api.place.pack import Pack
from console.lists.terms import MonthlyList
from layers.exports.rules import defused

MEDIA_TYPES: Mapping[str, Any] = MappingProxyType(
    {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
            "schema": {"type": "string", "format": "binary"}
        },
        "text/csv": {"schema": {"type": "string"}},
    }
)
HEADS: Mapping[Lang, tuple[str, ...]] = {
    "zh": ("序号", "案件码", "类别", "内容", "来由", "移交单位", "移交时间", "要求", "答复期限", "现承办或答复单位",
        "答复", "答复时间",
    ),
    "en": (
        "No.", "Case code", "Category", "What", "Why", "Unit", "Handed over", "Request", "Answer due",
        "Has it now, or answered", "Answer", "Answered",
    ),
}  # fmt: skip
BY_HAND: Mapping[Lang, str] = {"zh": "人工添加", "en": "Added by hand"}
WIDTHS = (6, 22, 18, 40, 18, 22, 17, 30, 17, 22, 40, 17)

Table = Sequence[Sequence[str]]
Widths = Sequence[int]
"""Of columns, in characters."""


def table_of(
    entries: Sequence[ListEntryOut], pack: Pack, listed: MonthlyList, *, units: Mapping[str, str], lang: Lang
) -> Table:
    """Return the table of a list: its heads, then a row for each entry."""
    categories = {code: getattr(one.names, lang) for code, one in pack.incidents.category_by_code.items()}
    rules = {rule.code: getattr(rule.names, lang) for rule in listed.rules} | {"": BY_HAND[lang]}

    at = partial(moment_text, pack)
    rows = [
        (
            str(number),
            one.case_code or "",
            categories.get(one.category or "", ""),
            "\n".join(filter(None, [one.title, one.note])),
            rules.get(one.rule, one.rule),
            units.get(one.unit or "", one.unit or ""),
            at(one.handed_at),
            one.request,
            at(one.answer_due_at),
            units.get(one.answered_unit or one.holder or "", one.answered_unit or one.holder or ""),
            one.answer or "",
            at(one.answered_at),
        )
        for number, one in enumerate(entries, 1)
    ]
    return [HEADS[lang], *rows]


def moment_text(pack: Pack, moment: datetime | None) -> str:
    """Return a time as the place's clocks show it; empty without one."""
    return f"{moment.astimezone(pack.zone):%Y-%m-%d %H:%M}" if moment else ""


async def answer_of(table: Table, format_: str, *, name: str, widths: Widths = WIDTHS) -> Response:
    """Answer with a table as a file. What people wrote does not act as a formula.

    It is written in a thread: a workbook of a thousand rows takes some tenths of a second.
    """
    safe = [[defused(text) for text in row] for row in table]
    content = await asyncio.to_thread(_csv, safe) if format_ == "csv" else await asyncio.to_thread(_xlsx, safe, widths)
    headers = {
        "Content-Disposition": f'attachment; filename="maplebridge-{name}.{format_}"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=[*MEDIA_TYPES][format_ == "csv"], headers=headers)


def _csv(table: Table) -> bytes:
    """UTF-8 with a byte order mark: without it Excel takes Chinese for another encoding."""
    out = StringIO(newline="")
    csv.writer(out).writerows(table)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(table: Table, widths: Widths) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet), "A new workbook has a sheet."
    for row in table:
        sheet.append([*row])
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.data_type, cell.alignment = "s", Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    _laid_out(sheet)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _laid_out(sheet: Worksheet) -> None:
    """Print it on wide pages, as wide as the page, with its heads on each."""
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
