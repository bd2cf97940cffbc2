"""Lay the networks of all sectors on the grids of a division: where they disagree, and who works where. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from console.networks.people import GridWork, Person, Post, keys_by_post, people_at, people_of, work_in
from console.networks.queries import StoredNetworkArea
from geo.errors import ErrorKind, MaplebridgeError
from geo.overlay.areas import Areas
from geo.overlay.disagreements import WIDTH_M, Overlay, lay
from geo.plane import Plane


class NoGrids(MaplebridgeError):
    """The division has no grids on that day. Way out: ask of a grid, or of a division above."""

    code = "network.no_grids"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A centre or station."""

    code: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class PlaceWork:
    """A place that several people are responsible for, each for a sector or an area of it."""

    place: KnownPlace
    posts: tuple[Post, ...]
    people: tuple[int, ...]


@dataclass(frozen=True)
class Laid:
    """Networks on grids. `overlays` are by sector, in metres of `plane`."""

    plane: Plane
    grids: Areas
    areas: Sequence[StoredNetworkArea]
    overlays: Mapping[str, Overlay]
    width: float

    @cached_property
    def people(self) -> Sequence[Person]:
        """All workers of the areas."""
        return people_of(self.areas)

    @cached_property
    def workers(self) -> Mapping[Post, int]:
        """Key of the worker of each post that has one."""
        return keys_by_post(self.people)

    @cached_property
    def work(self) -> Sequence[GridWork]:
        """Who serves each grid."""
        served = {sector: overlay.served for sector, overlay in self.overlays.items()}
        return work_in(self.grids.codes, served, self.workers)

    def counts(self, sector: str) -> dict[str, dict[str, int]]:
        """Return the counts of a sector's areas by count and area."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for area in self.areas:
            if area.sector == sector:
                for name, number in area.counts.items():
                    found[name][area.code] = number
        return found


def lay_all(areas: Sequence[StoredNetworkArea], grids: Mapping[str, BaseGeometry], *, width: float) -> Laid:
    """Lay areas on grids, both in degrees; areas that only touch them are left out. Raises `NoGrids`."""
    if not grids:
        raise NoGrids
    plane = Plane.at(shapely.box(*shapely.total_bounds([*grids.values()])))
    ground = Areas.of({code: plane.flatten(shape) for code, shape in grids.items()})
    by_sector: dict[str, dict[str, BaseGeometry]] = defaultdict(dict)
    areas, shapes = _within(areas, ground, plane, width=width)
    for area, shape in zip(areas, shapes, strict=True):
        by_sector[area.sector][area.code] = shape
    overlays = {sector: lay(shapes, ground, width=width) for sector, shapes in by_sector.items()}
    return Laid(plane, ground, areas, overlays, width)


def _within(
    areas: Sequence[StoredNetworkArea], ground: Areas, plane: Plane, *, width: float
) -> tuple[list[StoredNetworkArea], list[BaseGeometry]]:
    """Return the areas, and their shapes in metres, that lie on the grids by more than a border drawn twice."""
    outline = shapely.union_all(ground.shapes)
    inner = shapely.buffer(outline, -min([width, *ground.widths.tolist()]) / 2)
    shapely.prepare(inner)
    shapes = [plane.flatten(area.shape) for area in areas]
    kept = [i for i, shape in enumerate(shapes) if inner.intersects(shape)]
    return [areas[i] for i in kept], [shapes[i] for i in kept]


def shares_land(area: BaseGeometry, outline: BaseGeometry) -> bool:
    """Return whether an area has more than a border in common with an outline, both in degrees."""
    plane = Plane.at(outline)
    return bool(shapely.buffer(plane.flatten(outline), -WIDTH_M / 2).intersects(plane.flatten(area)))


def work_at(laid: Laid, places: Sequence[KnownPlace]) -> list[PlaceWork]:
    """Return the places that several people are responsible for."""
    if not places or not laid.areas:
        return []
    points = shapely.points([(place.lon, place.lat) for place in places])
    at, area = shapely.STRtree([one.shape for one in laid.areas]).query(points, predicate="intersects")
    found = []
    for i in np.unique(at).tolist():
        theirs = [laid.areas[row] for row in area[at == i].tolist()]
        posts = tuple(sorted((one.sector, one.code) for one in theirs))
        people = people_at(posts, laid.workers)
        if len(people) > 1:
            found.append(PlaceWork(places[i], posts, people))
    return found
