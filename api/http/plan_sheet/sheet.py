"""What a plan's map sheet shows. Pure: values that go to the drawing process as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Places = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class SheetGrid:
    """One of the finest divisions: its number on the sheet, where its label stands, and how wide its land is there.

    `box` is west, south, east and north, in degrees.
    """

    number: int
    code: str
    name: str
    parent: str
    label: tuple[float, float]
    box: tuple[float, float, float, float]
    is_changed: bool


@dataclass(frozen=True, slots=True)
class SheetBorder:
    """A border, drawn once. `rank` is that of the level that it divides, 0 for the outline of the whole."""

    line: Places
    rank: int


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """A map sheet. `changed` are the rings of the grids that differ from the base day's lines, to be filled.

    `ranks` are the words for the levels of borders, from the outline down. `notes` are the facts beside the map.
    """

    title: str
    subtitle: str
    lang: str
    legend: str
    legend_changed: str
    ranks: Sequence[str]
    scale: str
    kilometres: str
    metres: str
    facts: Sequence[tuple[str, str]]
    index_title: str
    index_head: Sequence[str]
    changed_mark: str
    credit: str
    grids: Sequence[SheetGrid]
    borders: Sequence[SheetBorder]
    changed: Sequence[Sequence[Places]]

    def texts(self) -> Iterator[str]:
        """Yield every text that is drawn."""
        yield from (self.title, self.subtitle, self.legend, self.legend_changed, *self.ranks, self.scale)
        yield from (self.kilometres, self.metres, self.index_title, *self.index_head, self.changed_mark, self.credit)
        yield from (text for fact in self.facts for text in fact)
        yield from (text for grid in self.grids for text in (grid.code, grid.name, grid.parent))
