"""The made-up map of a county as points, ways and areas, in the terms of OpenStreetMap."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.coverage.edges import Point as Spot
from ingest.county.gazetteer import GazetteerEntry
from ingest.county.observations import Division
from ingest.county.streets.buildings import buildings
from ingest.county.streets.drawing import Drawn, draw_streets
from ingest.county.streets.land import Land, outline
from ingest.county.streets.naming import Names
from ingest.county.streets.street import KMH, Street
from ingest.county.streets.water import BANK_M, Lake, lay_water

PER_DEGREE = 10_000_000
"""A point is where it is stored, to about a centimetre: lines that meet there share it."""
MARK = {"source": "maplebridge:made"}
"""Stands at everything that is made up."""

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    tags: Tags
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """An area with holes: the numbers of its `outer` and `inner` ways."""

    tags: Tags
    outer: int
    inner: int


@dataclass(slots=True)
class Sheet:
    """Numbers are from 1. `points` are in ten-millionths of a degree, `marks` the tags of some; `places` have points of
    their own, which come after these.
    """

    points: dict[tuple[int, int], int] = field(default_factory=dict)
    marks: dict[int, Tags] = field(default_factory=dict)
    places: list[tuple[Spot, Tags]] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)

    def at(self, spot: Spot) -> int:
        """Return the number of a point."""
        lon, lat = spot
        return self.points.setdefault((round(lon * PER_DEGREE), round(lat * PER_DEGREE)), len(self.points) + 1)

    def mark(self, spot: Spot, tags: Tags) -> None:
        self.marks[self.at(spot)] = {**tags, **MARK}

    def add(self, line: Iterable[Spot], tags: Tags) -> int:
        """Add a way and return its number."""
        self.ways.append(Way({**tags, **MARK}, tuple(self.at(spot) for spot in line)))
        return len(self.ways)


def make_map(divisions: Sequence[Division], *, seed: int) -> Sheet:
    """Make up streets, water and buildings of a generated county. The same divisions and seed give the same sheet."""
    land = Land.of(divisions)
    drawn = draw_streets(land, lay_water(land, rng=np.random.default_rng([seed, 7])))
    sheet, names = Sheet(), Names(land, seed)
    for street in drawn.streets:
        sheet.add(street.line, _tags(street, names.of(street)))
    _add_water(sheet, drawn, names)
    _add_quarter(sheet, drawn, names)
    for around in buildings(land, drawn.streets, seed=seed):
        sheet.add(around, {"building": "yes"})
    for division in divisions:
        if tags := _place(division):
            sheet.places.append((land.seat(division.code), {**tags, **MARK}))
    return sheet


def _tags(street: Street, name: str) -> Tags:
    tags = {"highway": street.kind, "name": name, "maxspeed": str(KMH[street.kind])}
    if street.bridge:
        tags |= {"bridge": "yes", "layer": "1"}
    return tags | ({"access": "private"} if street.private else {})


def _add_water(sheet: Sheet, drawn: Drawn, names: Names) -> None:
    for canal in drawn.water.canals:
        sheet.add(canal, {"waterway": "canal", "name": names.water("河"), "width": str(round(2 * BANK_M))})
    if lake := drawn.water.lake:
        _add_lake(sheet, lake, names.water("湖"))


def _add_lake(sheet: Sheet, lake: Lake, name: str) -> None:
    outer, inner = (sheet.add(outline(around), {}) for around in (lake.shore, lake.isle))
    tags = {"type": "multipolygon", "natural": "water", "water": "lake", "name": name}
    sheet.areas.append(Area({**tags, **MARK}, outer, inner))


def _add_quarter(sheet: Sheet, drawn: Drawn, names: Names) -> None:
    if quarter := drawn.quarter:
        sheet.mark(quarter.gate, {"barrier": "gate", "access": "private"})
        tags = {"landuse": "residential", "barrier": "wall", "name": names.water("小区")}
        sheet.add(outline(quarter.wall), tags)


def _place(division: Division) -> Tags | None:
    entry = GazetteerEntry(division.code, division.name)
    if division.level == "village":
        return {"place": "suburb" if entry.urban else "village", "name": entry.short}
    if division.level == "town":
        return {"place": "town", "name": division.name} | ({"name:en": division.english} if division.english else {})
    return None
