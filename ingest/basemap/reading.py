"""Read from an OpenStreetMap file what is drawn, cut at the border of the extract."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import osmium
import shapely

from ingest.basemap.borders import close_at_border
from ingest.basemap.kinds import (
    WATER,
    Kind,
    Tags,
    area_kind,
    label_kind,
    line_kind,
    named_water,
    names_of,
    structure_of,
)

MADE_SOURCE = "maplebridge:made"
"""Said by made-up roads as their `source`."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to draw, in degrees."""

    kind: Kind
    shape: Any
    name: str | None = None
    name_en: str | None = None
    structure: str | None = None


@dataclass(slots=True)
class Read:
    """All that is drawn. `box`: west, south, east, north. `incomplete` shapes lack members or points: of these,
    `closed` were closed at the border, and the others are left out. `made`: the roads say so themselves.
    """

    things: list[Thing]
    box: tuple[float, float, float, float]
    incomplete: int = 0
    closed: int = 0
    made: bool = False


@dataclass(slots=True)
class _Reader:
    """Collects things. A shape without all its points is counted."""

    things: list[Thing] = field(default_factory=list)
    incomplete: int = 0
    made: bool = False
    wkb: Any = field(default_factory=osmium.geom.WKBFactory)

    def read(self, path: str) -> None:
        file = osmium.io.File(path, "pbf")
        for thing in osmium.FileProcessor(file).with_areas().with_filter(osmium.filter.EmptyTagFilter()):
            try:
                self.things += self._drawn(thing)
            except (osmium.InvalidLocationError, RuntimeError):
                self.incomplete += 1

    def _drawn(self, thing: Any) -> Iterator[Thing]:
        tags: Tags = thing.tags
        if thing.is_node():
            kind = label_kind(tags)
            if kind and "name" in tags:
                yield Thing(kind, self._shape(self.wkb.create_point(thing)), *names_of(tags))
        elif thing.is_way():
            kind = line_kind(tags)
            if kind:
                self.made = self.made or tags.get("source") == MADE_SOURCE
                yield Thing(kind, self._shape(self.wkb.create_linestring(thing)), *names_of(tags), structure_of(tags))
        elif thing.is_area():
            yield from _of_area(tags, lambda: self._shape(self.wkb.create_multipolygon(thing)))

    @staticmethod
    def _shape(wkb: str) -> Any:
        return shapely.from_wkb(bytes.fromhex(wkb))


def _of_area(tags: Tags, shape: Any) -> Iterator[Thing]:
    """Yield what an area draws, and where its name stands."""
    kind, label = area_kind(tags), label_kind(tags)
    named = (label or kind is WATER) and "name" in tags
    if kind or named:
        drawn = shape()
        if kind:
            yield Thing(kind, drawn)
        if named:
            label = label or named_water(drawn.area, drawn.centroid.y)
            yield Thing(label, shapely.point_on_surface(drawn), *names_of(tags))


def read_file(path: str) -> Read:
    """Read a checked file. Raises `RuntimeError` when it is damaged."""
    reader = _Reader()
    reader.read(path)
    if not reader.things:
        return Read([], (0.0, 0.0, 0.0, 0.0))
    box = _box(path, reader.things)
    things = _cut(reader.things, box)
    broken = list(_broken(path))
    shores = [lines for kind, lines in broken if kind is WATER]
    closed = [water for lines in shores if (water := close_at_border(lines, shapely.box(*box), _land(things)))]
    things += [Thing(WATER, water) for water in closed]
    return Read(things, box, reader.incomplete + len(broken), len(closed), reader.made)


def _box(path: str, things: list[Thing]) -> tuple[float, float, float, float]:
    """Return the border that the file states, else the bounds of all that is drawn."""
    said = osmium.io.Reader(osmium.io.File(path, "pbf")).header().box()
    if said.valid():
        return said.bottom_left.lon, said.bottom_left.lat, said.top_right.lon, said.top_right.lat
    west, south, east, north = shapely.total_bounds([thing.shape for thing in things])
    return float(west), float(south), float(east), float(north)


def _cut(things: list[Thing], box: tuple[float, float, float, float]) -> list[Thing]:
    shapes = np.array([thing.shape for thing in things], dtype=object)
    border = shapely.box(*box)
    inside = shapely.covers(border, shapes)
    cut = shapely.intersection(shapely.make_valid(shapes[~inside]), border)
    kept = [thing for thing, within in zip(things, inside, strict=True) if within]
    crossing = (thing for thing, within in zip(things, inside, strict=True) if not within)
    for thing, shape in zip(crossing, cut, strict=True):
        kept += [_with_shape(thing, part) for part in _of_same_sort(shape, thing.shape)]
    return kept


def _of_same_sort(shape: Any, like: Any) -> Iterator[Any]:
    """Yield the parts of a cut shape that are areas, lines or points as it was."""
    sort = shapely.get_dimensions(like)
    yield from (part for part in shapely.get_parts(shape) if not part.is_empty and shapely.get_dimensions(part) == sort)


def _with_shape(thing: Thing, shape: Any) -> Thing:
    return Thing(thing.kind, shape, thing.name, thing.name_en, thing.structure)


def _land(things: list[Thing]) -> Any:
    """Points that are certainly on land: of roads, but for bridges, and of buildings."""
    roads = [t.shape for t in things if t.kind.layer == "roads" and not t.structure]
    buildings = [t.shape for t in things if t.kind.layer == "buildings"]
    return np.concatenate(
        [shapely.points(shapely.get_coordinates(roads)), shapely.centroid(np.array(buildings, dtype=object))]
    )


def _broken(path: str) -> Iterator[tuple[Kind, list[Any]]]:
    """Yield the kind of each area with missing members, and the lines there are of it. The coast is one of water."""
    areas = [
        (kind, {member.ref for member in relation.members if member.type == "w"})
        for relation in _tagged(path, osmium.osm.RELATION, ("type", "multipolygon"))
        if (kind := area_kind(relation.tags))
    ]
    coast = {way.id for way in _tagged(path, osmium.osm.WAY, ("natural", "coastline"))}
    lines = _lines(path, coast.union(*(members for _, members in areas)))
    broken = [(kind, members) for kind, members in areas if not members <= lines.keys()]
    if coast:
        broken.append((WATER, coast))
    yield from ((kind, [lines[ref] for ref in members if lines.get(ref)]) for kind, members in broken)


def _tagged(path: str, sort: Any, tag: tuple[str, str]) -> Iterator[Any]:
    file = osmium.io.File(path, "pbf")
    yield from osmium.FileProcessor(file, sort).with_filter(osmium.filter.TagFilter(tag))


def _lines(path: str, ways: set[int]) -> dict[int, Any]:
    """Return the lines of those ways that the file has, None for one without all its points."""
    if not ways:
        return {}
    wkb = osmium.geom.WKBFactory()
    file = osmium.io.File(path, "pbf")
    found: dict[int, Any] = {}
    for way in (
        osmium.FileProcessor(file, osmium.osm.NODE | osmium.osm.WAY)
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.IdFilter(ways))
    ):
        try:
            assert isinstance(way, osmium.osm.Way)
            found[way.id] = shapely.from_wkb(bytes.fromhex(wkb.create_linestring(way)))
        except (osmium.InvalidLocationError, RuntimeError):
            found[way.id] = None
    return found
