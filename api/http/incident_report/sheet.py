"""What an incident's report says: texts in the reader's language, tables, and a small map."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import ClassVar

from layers.exports.errors import TooDemanding

MAP_SIZE = (174.0, 74.0)
"""Millimetres."""
MAP_HEIGHT_DEGREES = 0.0072
"""About 800 metres from the southern edge to the northern one."""

Row = tuple[str, ...]
Line = Sequence[tuple[float, float]]


class ReportTooDemanding(TooDemanding):
    """Drawing the report took more memory or time than it may. `params`: `megabytes`, `seconds`."""

    code: ClassVar[str] = "report.too_demanding"


@dataclass(frozen=True, slots=True)
class Outline:
    """A boundary's lines on the map, in degrees, and where its name stands. The incident's own is drawn stronger."""

    name: str
    lines: Sequence[Line]
    label: tuple[float, float]
    own: bool = False


@dataclass(frozen=True, slots=True)
class Sketch:
    """The small map: the incident's place, boundaries and cameras around it, and the credit that a map must carry."""

    point: tuple[float, float]
    outlines: Sequence[Outline]
    cameras: Sequence[tuple[float, float]]
    credit: str
    scale: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title; the first one is the heading."""

    title: str
    widths: tuple[int, ...]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """All texts of a report, in the reader's language."""

    kind: str
    title: str
    code: str
    facts: Sequence[tuple[str, str]]
    description: tuple[str, str]
    sketch: Sketch | None
    tables: Sequence[Table]
    footer: str
    lang: str

    def texts(self) -> Iterator[str]:
        """Yield every text that is drawn."""
        yield from (self.kind, self.title, self.code, self.footer, *self.description)
        yield from (text for fact in self.facts for text in fact)
        yield from (text for table in self.tables for row in (*table.rows, (table.title,)) for text in row)
        if self.sketch:
            yield from (self.sketch.credit, self.sketch.scale, *(outline.name for outline in self.sketch.outlines))


def map_box(point: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return west, south, east and north of the map around a point."""
    lon, lat = point
    half = MAP_HEIGHT_DEGREES / 2
    wide = half * MAP_SIZE[0] / MAP_SIZE[1] / cos(radians(lat))
    return lon - wide, lat - half, lon + wide, lat + half
