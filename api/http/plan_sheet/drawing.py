"""Draw a plan's map sheet as a PDF. Run as `python -m api.http.plan_sheet.drawing`, its job on standard input as JSON.

The map is on the first page, at a round scale; the pages after it list every grid by number, name and code.
"""

import os
import resource
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import orjson
import shapely
from fontTools.ttLib import TTFont
from fpdf import FPDF

from api.http.incident_report.assets import read_assets
from api.http.incident_report.fonts import font_of
from api.http.plan_sheet.scales import bar_of, scale_of
from api.http.plan_sheet.sheet import PlanSheet, SheetBorder, SheetGrid
from layers.exports.apart import CPU_SECONDS, MEMORY_BYTES, NICENESS

FONT = "sheet"
PAGE = (420.0, 297.0)
"""A3, in millimetres, as all lengths here."""
MARGIN, PANEL, HEAD = 12.0, 68.0, 16.0
FRAME = (MARGIN, MARGIN + HEAD, PAGE[0] - 2 * MARGIN - PANEL, PAGE[1] - 2 * MARGIN - HEAD)
"""Left, top, width and height of the map."""
INSET = 6.0
FINEST_MM = 0.05
"""Lines are thinned to this: a printer draws no finer."""
INK, SOFT, FAINT, CHANGED, CHANGED_INK = (20, 26, 32), (96, 106, 116), (150, 158, 166), (255, 226, 163), (160, 72, 0)
WIDTHS = (0.9, 0.6, 0.42, 0.26, 0.12)
"""Of borders, by rank."""
THINNEST, ROOMY_GRIDS = 0.08, 600
NAME_PT, NUMBER_PT, LEAST_NUMBER_MM = 6.0, 5.0, 2.2
COLUMNS, ROW, ROWS_TOP = 4, 4.2, MARGIN + HEAD
POINT_MM = 25.4 / 72


class _Sheet(FPDF):
    """The pages of one sheet."""

    def __init__(self, sheet: PlanSheet, font: Path) -> None:
        super().__init__(orientation="landscape", format="A3")
        self.sheet = sheet
        self.add_font(FONT, fname=font)
        with TTFont(font) as letters:
            self._covered = set(letters.getBestCmap())
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.c_margin = 0.0
        self.set_auto_page_break(False)
        self.set_title(sheet.title)
        self.set_lang("zh-CN" if sheet.lang == "zh" else "en")
        self.scale = scale_of(_box(sheet), wide_mm=FRAME[2] - 2 * INSET, high_mm=FRAME[3] - 2 * INSET)

    def compose(self) -> None:
        self._begin()
        self._map()
        self._beside()
        for at in range(0, len(self.sheet.grids), self._per_page):
            self._begin(self.sheet.index_title)
            self._list(self.sheet.grids[at : at + self._per_page])

    def _begin(self, heading: str = "") -> None:
        """Begin a page with the title, and the heading beside it."""
        self.add_page()
        self._style(17, INK)
        self.text(MARGIN, MARGIN + 7, self._fitted(self.sheet.title, PAGE[0] - 2 * MARGIN - 60))
        self._style(10, SOFT)
        self.text(MARGIN, MARGIN + 12.5, self._fitted(heading or self.sheet.subtitle, PAGE[0] - 2 * MARGIN))
        self._right(f"{self.page_no()}", PAGE[0] - MARGIN, MARGIN + 7)

    def _map(self) -> None:
        left, top, wide, high = FRAME
        with self.local_context(), self.rect_clip(left, top, wide, high):
            self._changed()
            for rank in range(len(self.sheet.ranks) - 1, -1, -1):
                self._borders(rank)
            self._labels()
        self.set_draw_color(*SOFT)
        self.set_line_width(0.25)
        self.rect(left, top, wide, high)
        self._style(7, SOFT)
        self._right(self.sheet.credit, left + wide - 1.5, top + high - 1.5)

    def _changed(self) -> None:
        self.set_fill_color(*CHANGED)
        for rings in self.sheet.changed:
            with self.new_path() as path:
                path.style.fill_color = "#{:02x}{:02x}{:02x}".format(*CHANGED)
                path.style.stroke_color = None
                path.style.intersection_rule = "evenodd"
                for ring in rings:
                    places = self._on_page(ring)
                    path.move_to(*places[0])
                    for place in places[1:]:
                        path.line_to(*place)
                    path.close()

    def _borders(self, rank: int) -> None:
        self.set_draw_color(*(INK if rank < len(self.sheet.ranks) - 1 else SOFT))
        self.set_line_width(_width(rank, self.sheet))
        for border in self.sheet.borders:
            if border.rank == rank:
                self.polyline(self._on_page(border.line))

    def _on_page(self, line: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
        """Return the places of a line on the page, thinned to what a printer draws."""
        flat = self.scale.plane.to_metres(line) / self.scale.metres_per_mm
        middle = FRAME[0] + FRAME[2] / 2, FRAME[1] + FRAME[3] / 2
        drawn = shapely.simplify(shapely.LineString(flat * (1, -1) + middle), FINEST_MM)
        return [(round(x, 2), round(y, 2)) for x, y in shapely.get_coordinates(drawn).tolist()]

    def _labels(self) -> None:
        for grid in self.sheet.grids:
            (west, south), (east, north) = self.scale.plane.to_metres([grid.box[:2], grid.box[2:]]).tolist()
            wide, high = (east - west) / self.scale.metres_per_mm, (north - south) / self.scale.metres_per_mm
            self._label(grid, wide, high)

    def _label(self, grid: SheetGrid, wide: float, high: float) -> None:
        """Write a grid's number, and its name below where there is room for it."""
        colour = CHANGED_INK if grid.is_changed else INK
        flat = self.scale.plane.to_metres([grid.label])[0] / self.scale.metres_per_mm
        x, y = FRAME[0] + FRAME[2] / 2 + flat[0], FRAME[1] + FRAME[3] / 2 - flat[1]
        self._style(NUMBER_PT, colour)
        number = f"{grid.number}"
        if self.get_string_width(number) > 0.8 * wide or high < LEAST_NUMBER_MM:
            return
        self.text(x - self.get_string_width(number) / 2, y, number)
        self._style(NAME_PT, colour)
        name = self._known(grid.name)
        if self.get_string_width(name) <= 0.8 * wide and high > 4 * NAME_PT * POINT_MM:
            self.text(x - self.get_string_width(name) / 2, y + NAME_PT * POINT_MM * 1.15, name)

    def _beside(self) -> None:
        """Draw what stands beside the map: north, scale, legend and facts."""
        left = PAGE[0] - MARGIN - PANEL + 6
        self._north(left + 8, FRAME[1] + 2)
        self._scale_bar(left, FRAME[1] + 34)
        top = self._legend(left, FRAME[1] + 50)
        for label, value in self.sheet.facts:
            self._style(8, SOFT)
            self.text(left, top + 3, self._known(label))
            self._style(9, INK)
            for line in self._broken(value, PANEL - 6):
                top += 4.6
                self.text(left, top + 3, line)
            top += 6.2

    def _north(self, x: float, top: float) -> None:
        self.set_fill_color(*INK)
        self.polygon([(x, top), (x - 4, top + 15), (x, top + 12), (x + 4, top + 15)], style="F")
        self._style(10, INK)
        self.text(x - self.get_string_width("N") / 2, top + 20, "N")

    def _scale_bar(self, left: float, top: float) -> None:
        """Draw a bar of a round length in four parts, and say the scale."""
        metres = bar_of(self.scale)
        long = metres / self.scale.metres_per_mm
        self.set_draw_color(*INK)
        self.set_line_width(0.2)
        for part in range(4):
            self.set_fill_color(*(INK if part % 2 == 0 else (255, 255, 255)))
            self.rect(left + part * long / 4, top, long / 4, 1.6, style="DF")
        self._style(8, INK)
        self.text(left, top - 1.2, "0")
        said = self.sheet.kilometres if metres >= 1000 else self.sheet.metres
        length = said.replace("{n}", f"{metres / 1000 if metres >= 1000 else metres:g}")
        self.text(left + long - self.get_string_width(length) / 2, top - 1.2, self._known(length))
        ratio = f"{self.sheet.scale} 1:{self.scale.denominator:,.0f}"
        self.text(left, top + 5.6, self._known(ratio))

    def _legend(self, left: float, top: float) -> float:
        """Draw the legend, and return where it ends."""
        self._style(10, INK)
        self.text(left, top, self._known(self.sheet.legend))
        top += 5.5
        for rank, words in enumerate(self.sheet.ranks):
            self.set_draw_color(*(INK if rank < len(self.sheet.ranks) - 1 else SOFT))
            self.set_line_width(_width(rank, self.sheet))
            self.line(left, top - 1, left + 11, top - 1)
            self._style(8.5, INK)
            self.text(left + 14, top, self._fitted(words, PANEL - 20))
            top += 5
        self.set_fill_color(*CHANGED)
        self.set_draw_color(*SOFT)
        self.set_line_width(0.12)
        self.rect(left, top - 3, 11, 4, style="DF")
        self._style(8.5, INK)
        self.text(left + 14, top, self._fitted(self.sheet.legend_changed, PANEL - 20))
        return top + 7

    @property
    def _per_column(self) -> int:
        return int((PAGE[1] - MARGIN - ROWS_TOP - ROW) / ROW)

    @property
    def _per_page(self) -> int:
        return COLUMNS * self._per_column

    def _list(self, grids: Sequence[SheetGrid]) -> None:
        """List grids by number, name, code and parent, in columns."""
        wide = (PAGE[0] - 2 * MARGIN) / COLUMNS
        for column in range(COLUMNS):
            some = grids[column * self._per_column : (column + 1) * self._per_column]
            if some:
                left = MARGIN + column * wide
                self._row(left, ROWS_TOP + 3, wide - 4, self.sheet.index_head, SOFT)
                for line, grid in enumerate(some, start=1):
                    name = f"{self.sheet.changed_mark}{grid.name}" if grid.is_changed else grid.name
                    words = (f"{grid.number}", name, grid.code, grid.parent)
                    self._row(left, ROWS_TOP + 3 + line * ROW, wide - 4, words, CHANGED_INK if grid.is_changed else INK)

    def _row(self, left: float, y: float, wide: float, words: Sequence[str], colour: tuple[int, int, int]) -> None:
        self._style(7, colour)
        starts = np.array([0.0, 0.09, 0.48, 0.75, 1.0]) * wide
        for start, end, word in zip(starts, starts[1:], words, strict=False):
            self.text(left + float(start), y, self._fitted(word, float(end - start) - 1.2))

    def _right(self, text: str, x: float, y: float) -> None:
        self.text(x - self.get_string_width(self._known(text)), y, self._known(text))

    def _style(self, size: float, colour: tuple[int, int, int]) -> None:
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)

    def _known(self, text: str) -> str:
        """Leave out letters that no font has."""
        return "".join(letter for letter in text if ord(letter) in self._covered)

    def _fitted(self, text: str, wide: float) -> str:
        """Return text in letters narrow enough: a name is set smaller rather than cut."""
        known = self._known(text)
        size = self.font_size_pt
        while self.get_string_width(known) > wide and self.font_size_pt > size / 3:
            self.set_font_size(self.font_size_pt * 0.92)
        return known

    def _broken(self, text: str, wide: float) -> list[str]:
        lines, line = list[str](), ""
        for letter in self._known(text):
            if line and self.get_string_width(line + letter) > wide:
                lines.append(line)
                line = ""
            line += letter
        return [*lines, line]


def _width(rank: int, sheet: PlanSheet) -> float:
    """Return how wide a border is: the outline the widest, the finest level's hair thin; thinner where grids crowd."""
    wide = WIDTHS[0] if rank == 0 else WIDTHS[max(1, len(WIDTHS) - len(sheet.ranks) + rank)]
    crowded: float = (ROOMY_GRIDS / len(sheet.grids)) ** 0.5
    return max(THINNEST, wide * min(1.0, crowded))


def _box(sheet: PlanSheet) -> tuple[float, float, float, float]:
    boxes = np.array([grid.box for grid in sheet.grids])
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def draw(job: Mapping[str, Any]) -> bytes:
    """Return the PDF of a job."""
    said = job["sheet"]
    grids = [SheetGrid(**one) for one in said["grids"]]
    borders = [SheetBorder(**one) for one in said["borders"]]
    sheet = PlanSheet(**{**said, "grids": grids, "borders": borders})
    letters = {letter for text in sheet.texts() for letter in text if letter.isprintable()} | set(" 0123456789:,.N▲")
    with TemporaryDirectory(prefix="maplebridge-sheet-") as folder:
        file = Path(folder) / "sheet.ttf"
        file.write_bytes(font_of(read_assets(Path(job["static_dir"])).font, letters))
        page = _Sheet(sheet, file)
        page.compose()
        return bytes(page.output())


def main() -> int:
    """Draw what standard input describes, to standard output."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    sys.stdout.buffer.write(draw(orjson.loads(sys.stdin.buffer.read())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
