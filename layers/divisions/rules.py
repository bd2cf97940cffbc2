"""What a division's line must say of itself. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from typing import Any

import shapely
from shapely import MultiPolygon, Point

from geo.plane import Plane


@dataclass(frozen=True, slots=True)
class NewDivision:
    """A line from its first day on. `path` joins the codes from the root; WGS-84 degrees."""

    code: str
    level: str
    name: str
    path: str
    valid_from: date
    geometry: MultiPolygon
    generated: bool = False
    source: str = ""
    households: int | None = None
    enterprises: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parent_code(self) -> str | None:
        """The code above it on its path; the root has none."""
        above, _, _ = self.path.rpartition(".")
        return above.rpartition(".")[2] or None

    @property
    def label_point(self) -> Point:
        """Where to write its name: the middle of the largest circle inside, where there is most room for it."""
        tolerance = max(sqrt(self.geometry.area) / 50, 1e-9)
        middle: Point = shapely.get_point(shapely.maximum_inscribed_circle(self.geometry, tolerance=tolerance), 0)
        return middle

    @property
    def area_m2(self) -> float:
        return Plane.at(self.geometry).area_m2(self.geometry)


@dataclass(frozen=True, slots=True)
class Standing:
    """A stored version that would still hold on the day or later. `told` is all it says, as in `told_of`."""

    id: int
    code: str
    level: str
    path: str
    valid_from: date
    is_open: bool
    told: tuple[Any, ...]

    @property
    def place(self) -> tuple[str, str]:
        return self.level, self.path.rpartition(".")[0]


def told_of(line: NewDivision) -> tuple[Any, ...]:
    """What makes two versions of a division the same."""
    said = line.path, line.level, line.name, line.households, line.enterprises, line.generated, line.source
    return (*said, dict(line.properties), line.geometry.wkb)


def unchanged(standing: Iterable[Standing], lines: Iterable[NewDivision], *, day: date) -> set[int]:
    """The versions that hold already what a line says, without an end."""
    wanted = {line.code: told_of(line) for line in lines}
    return {row.id for row in standing if row.is_open and row.valid_from <= day and row.told == wanted.get(row.code)}


def superseded(
    standing: Iterable[Standing], lines: Sequence[NewDivision], *, ending: Collection[str] = ()
) -> list[Standing]:
    """The versions that the lines replace: of the same codes, and of the same level under the same parents; and those
    whose codes are `ending`.

    With a division that is no more, or that moves elsewhere, goes all below it.
    """
    rows = list(standing)
    codes, paths = {line.code for line in lines}, {line.path for line in lines}
    places = {(line.level, line.path.rpartition(".")[0]) for line in lines}
    replaced = [row for row in rows if row.code in codes or row.code in ending or row.place in places]
    lost, ids = {row.path for row in replaced} - paths, {row.id for row in replaced}
    below = [row for row in rows if row.id not in ids and not lost.isdisjoint(_above(row.path))]
    return replaced + below


def _above(path: str) -> list[str]:
    """The paths of all that a path lies under."""
    return [path[:i] for i, letter in enumerate(path) if letter == "."]
