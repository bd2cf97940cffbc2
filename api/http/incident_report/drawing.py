"""Draw an incident's report as a PDF of one page or a few. Pure: texts and outlines come in, bytes go out."""

from collections.abc import Callable
from math import hypot
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.ttLib import TTFont
from fpdf import FPDF, XPos, YPos
from fpdf.fonts import FontFace

from api.http.incident_report.assets import FontParts
from api.http.incident_report.fonts import font_of
from api.http.incident_report.lines import broken
from api.http.incident_report.sheet import (
    MAP_HEIGHT_DEGREES,
    MAP_SIZE,
    Outline,
    ReportSheet,
    Sketch,
    Table,
    map_box,
)

FONT = "report"
MARGIN = 18.0
"""Millimetres, as all lengths here."""
LINE = 5.6
METRES_PER_DEGREE = 111_320.0
SCALE_METRES = 200
NAME_CLEARANCE = 9.0
CELL_PADDING = 2.6
"""Of both sides of a table's cell, and a hair."""
SOFT, FAINT, INK, RED = (96, 106, 116), (150, 158, 166), (20, 26, 32), (196, 40, 36)

_Project = Callable[[float, float], tuple[float, float]]
"""Turns longitude and latitude into a place on the page."""


def draw(sheet: ReportSheet, parts: FontParts) -> bytes:
    """Return the PDF. Letters that the bundled font has not are left out, and never come from the reader's machine."""
    letters = {letter for text in sheet.texts() for letter in text if letter.isprintable()} | set(" 0123456789/…")
    with TemporaryDirectory(prefix="maplebridge-report-") as folder:
        file = Path(folder) / "report.ttf"
        file.write_bytes(font_of(parts, letters))
        page = _Page(sheet, file)
        page.compose()
        return bytes(page.output())


class _Page(FPDF):
    """The pages of one report."""

    def __init__(self, sheet: ReportSheet, font: Path) -> None:
        super().__init__(format="A4")
        self._sheet = sheet
        self.add_font(FONT, fname=font)
        with TTFont(font) as letters:
            self._covered = set(letters.getBestCmap())
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(True, margin=MARGIN)
        self.set_title(f"{sheet.kind} {sheet.code}")
        self.set_lang("zh-CN" if sheet.lang == "zh" else "en")
        self.add_page()

    def footer(self) -> None:
        self.set_y(-MARGIN + 4)
        self._style(8, SOFT)
        self.cell(0, 4, self._known(self._sheet.footer))
        self.set_x(-MARGIN - 20)
        self.cell(20, 4, f"{self.page_no()}", align="R")

    def compose(self) -> None:
        sheet = self._sheet
        self._style(10, SOFT)
        self.cell(0, LINE, self._known(f"{sheet.kind}  {sheet.code}"), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._style(17, INK)
        self._write(sheet.title, line=8.4)
        self.ln(1.5)
        self._facts()
        if sheet.description[1]:
            self._heading(sheet.description[0])
            self._style(10.5, INK)
            self._write(sheet.description[1], line=LINE)
        if sheet.sketch:
            self._map(sheet.sketch)
        for table in sheet.tables:
            self._table(table)

    def _facts(self) -> None:
        for label, value in self._sheet.facts:
            self._style(9.5, SOFT)
            self.cell(30, LINE, self._known(label))
            self._style(10.5, INK)
            self._write(value, line=LINE)

    def _heading(self, text: str) -> None:
        if self.will_page_break(20):
            self.add_page()
        self.ln(3)
        self._style(12, INK)
        self._write(text, line=7)

    def _table(self, table: Table) -> None:
        self._heading(table.title)
        self._style(9, INK)
        self.set_draw_color(*FAINT)
        self.set_line_width(0.2)
        head = FontFace(color=SOFT, fill_color=(240, 242, 244))
        with self.table(
            col_widths=table.widths,
            line_height=5,
            padding=(0.8, 1.2),
            text_align="LEFT",
            borders_layout="HORIZONTAL_LINES",
            v_align="TOP",
            cell_fill_mode="NONE",
            headings_style=head,
        ) as drawn:
            for row in table.rows:
                widths = (MAP_SIZE[0] * part / sum(table.widths) - CELL_PADDING for part in table.widths)
                drawn.row([self._fitted(text, width) for text, width in zip(row, widths, strict=True)])

    def _map(self, sketch: Sketch) -> None:
        width, height = MAP_SIZE
        if self.will_page_break(height + 10):
            self.add_page()
        self.ln(3)
        left, top = self.l_margin, self.get_y()
        west, south, east, north = map_box(sketch.point)

        def at(lon: float, lat: float) -> tuple[float, float]:
            return left + (lon - west) / (east - west) * width, top + (north - lat) / (north - south) * height

        with self.local_context(), self.rect_clip(left, top, width, height):
            self._outlines(sketch, at)
            self._marks(sketch, at)
        self.set_draw_color(*SOFT)
        self.set_line_width(0.2)
        self.rect(left, top, width, height)
        self._scale_bar(sketch, left=left, bottom=top + height)
        self.set_xy(left, top + height + 0.8)
        self._style(7.5, SOFT)
        self.cell(width, 3.5, self._known(sketch.credit), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _outlines(self, sketch: Sketch, at: _Project) -> None:
        for outline in sketch.outlines:
            self.set_draw_color(*(INK if outline.own else FAINT))
            self.set_line_width(0.5 if outline.own else 0.2)
            for line in outline.lines:
                self.polyline([at(*vertex) for vertex in line])
            self._name(outline, at, beside=at(*sketch.point))

    def _name(self, outline: Outline, at: _Project, *, beside: tuple[float, float]) -> None:
        """Write a boundary's name, above the incident's mark where the two would meet."""
        self._style(7.5, INK if outline.own else SOFT)
        text = self._known(outline.name)
        x, y = at(*outline.label)
        if hypot(x - beside[0], y - beside[1]) < NAME_CLEARANCE:
            y = beside[1] - NAME_CLEARANCE / 2
        self.text(x - self.get_string_width(text) / 2, y, text)

    def _marks(self, sketch: Sketch, at: _Project) -> None:
        self.set_fill_color(90, 110, 150)
        for camera in sketch.cameras:
            x, y = at(*camera)
            self.rect(x - 0.8, y - 0.8, 1.6, 1.6, style="F")
        x, y = at(*sketch.point)
        self.set_draw_color(*RED)
        self.set_line_width(0.7)
        self.circle(x, y, 2.2)
        self.set_fill_color(*RED)
        self.circle(x, y, 0.7, style="F")

    def _scale_bar(self, sketch: Sketch, *, left: float, bottom: float) -> None:
        length = SCALE_METRES / (MAP_HEIGHT_DEGREES * METRES_PER_DEGREE) * MAP_SIZE[1]
        self.set_draw_color(*INK)
        self.set_line_width(0.5)
        self.line(left + 4, bottom - 4, left + 4 + length, bottom - 4)
        self._style(7.5, INK)
        self.text(left + 4, bottom - 5, self._known(sketch.scale))

    def _style(self, size: float, colour: tuple[int, int, int]) -> None:
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)

    def _write(self, text: str, *, line: float) -> None:
        # A hair less than the library's own width: it must not break what is broken already.
        width = self.w - self.r_margin - self.x - 0.1
        lines = broken(self._known(text), width=width, measure=self.get_string_width)
        self.multi_cell(0, line, lines, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _fitted(self, text: str, width: float) -> str:
        return broken(self._known(text), width=width, measure=self.get_string_width)

    def _known(self, text: str) -> str:
        """Leave out letters that the font has not."""
        return "".join(letter for letter in text if letter == "\n" or ord(letter) in self._covered)
