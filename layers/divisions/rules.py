"""Fields of a division, and which stored versions a new set replaces. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from typing import Any

import shapely
from shapely import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from geo.plane import Plane


@dataclass(frozen=True, slots=True)
class NewDivision:
    """A division from its first day on. `path` joins the codes from the root; WGS-84 degrees."""

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
        """Code above it on its path; None for the root."""
        above, _, _ = self.path.rpartition(".")
        return above.rpartition(".")[2] or None

    @property
    def label_point(self) -> Point:
        """Return where to write the name: the middle of the largest circle inside, where there is most room."""
        tolerance = max(sqrt(self.geometry.area) / 50, 1e-9)
        middle: Point = shapely.get_point(shapely.maximum_inscribed_circle(self.geometry, tolerance=tolerance), 0)
        return middle

    @property
    def area_m2(self) -> float:
        return Plane.at(self.geometry).area_m2(self.geometry)


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A stored version in force on the day or later. `content` is compared with `content_of` a new one."""

    id: int
    code: str
    level: str
    path: str
    valid_from: date
    is_open: bool
    content: tuple[Any, ...]

    @property
    def place(self) -> tuple[str, str]:
        return self.level, self.path.rpartition(".")[0]


def content_of(line: NewDivision) -> tuple[Any, ...]:
    """Return everything that makes two versions of a division equal."""
    fields = line.path, line.level, line.name, line.households, line.enterprises, line.generated, line.source
    return (*fields, dict(line.properties), shape_of(line.geometry))


def shape_of(geometry: BaseGeometry) -> bytes:
    """Return WKB that does not depend on where rings begin and which way they run: file formats differ in that."""
    return bytes(shapely.normalize(geometry).wkb)


def unchanged(stored: Iterable[StoredVersion], lines: Iterable[NewDivision], *, day: date) -> set[int]:
    """Return the ids of versions in force without an end whose content equals that of a new division."""
    wanted = {line.code: content_of(line) for line in lines}
    return {row.id for row in stored if row.is_open and row.valid_from <= day and row.content == wanted.get(row.code)}


def superseded(
    stored: Iterable[StoredVersion], lines: Sequence[NewDivision], *, ending: Collection[str] = ()
) -> list[StoredVersion]:
    """List the versions that new divisions replace: of the same code, of the same level and parent, or with a code in
    `ending`.

    All below a division that ends or moves to another parent ends with it.
    """
    rows = list(stored)
    codes, paths = {line.code for line in lines}, {line.path for line in lines}
    places = {(line.level, line.path.rpartition(".")[0]) for line in lines}
    replaced = [row for row in rows if row.code in codes or row.code in ending or row.place in places]
    lost, ids = {row.path for row in replaced} - paths, {row.id for row in replaced}
    below = [row for row in rows if row.id not in ids and not lost.isdisjoint(_above(row.path))]
    return replaced + below


def _above(path: str) -> list[str]:
    """List the paths of all ancestors of a path."""
    return [path[:i] for i, letter in enumerate(path) if letter == "."]
