"""Roads that are closed for a while, and how somebody at an end that lies on one leaves or reaches it. Pure.

The engine leaves out each road, from crossing to crossing, that a closed area touches. But it still takes places to
such roads, and then knows no way, or one without length. So the ends are looked at first (`detours`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise
from math import atan2, pi
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geo.plane import Plane
from geo.travel import Mode, ModeName, distance_m, distances_m
from layers.roads.rules import OFF_ROAD_FROM_M, ON_FOOT, Place, Way, decoded, top_kmh, walked

ASIDE_M = 8.0
"""So far outside a closed area one looks for the roads that lead away from it."""
LOOKS = 24
"""Places round a closed area from which roads are looked for."""
SECTORS = 4
"""Directions from an end, of each of which the best road is tried: the nearest may be on the wrong bank."""
MARGIN_MINUTES = 0.1
"""Beyond rounding."""
GRAZE_M = 0.5
"""A way that enters a closed area by less than this runs along its edge."""


@dataclass(frozen=True, slots=True)
class Closed:
    """An area, as WKB in degrees, and the modes of travel that it is closed to."""

    outline: bytes
    modes: frozenset[str]


@dataclass(frozen=True, slots=True)
class End:
    """Where a way on open roads begins or ends, for a place: `foot_m` are walked there since the road is closed,
    `metres` are ridden there in `minutes`, and `off_road_m` lie between the place and its road.
    """

    place: Place
    foot_m: float = 0.0
    metres: float = 0.0
    minutes: float = 0.0
    off_road_m: float = 0.0
    line: tuple[Place, ...] = ()

    @property
    def cost(self) -> float:
        return self.minutes + float(ON_FOOT.minutes(self.foot_m + self.off_road_m))


class ClosedArea:
    """All that is closed to one mode."""

    def __init__(self, outlines: Sequence[Polygon]) -> None:
        self.outlines = outlines
        self._some: dict[frozenset[int], ClosedArea] = {}
        self.area: BaseGeometry = shapely.union_all(self.outlines)
        shapely.prepare(self.area)

    def __bool__(self) -> bool:
        return bool(self.outlines)

    @cached_property
    def excluded(self) -> dict[str, Any]:
        """What a request to the engine says of it."""
        return {"exclude_polygons": [shapely.get_coordinates(one).tolist() for one in self.outlines]} if self else {}

    @cached_property
    def _inner(self) -> BaseGeometry:
        inner = shapely.union_all([_grown(one, -GRAZE_M) for one in self.outlines])
        shapely.prepare(inner)
        return inner

    def crossed_by(self, line: Sequence[Place]) -> frozenset[int]:
        """Return which of the outlines a way enters."""
        if len(line) < 2 or not self._inner.intersects(drawn := LineString(line)):
            return frozenset()
        return frozenset(i for i, one in enumerate(self.outlines) if _grown(one, -GRAZE_M).intersects(drawn))

    def only(self, which: frozenset[int]) -> "ClosedArea":
        """Return the area of some of the outlines."""
        if which not in self._some:
            self._some[which] = ClosedArea([self.outlines[i] for i in sorted(which)])
        return self._some[which]

    def near(
        self, sources: Sequence[Place], targets: Sequence[Place], minutes: Sequence[float | None], *, kmh: float
    ) -> list[frozenset[int]]:
        """Return by pair, row by row, which of the outlines a way of so many minutes could come by; none without one.

        It is at least as long as the straight lines from its ends to the circle around the outline.
        """
        there, back = (self._metres_to(places) for places in (sources, targets))
        metres = there[:, None, :] + back[None, :, :] - 2 * OFF_ROAD_FROM_M
        least = np.maximum(metres, 0) * 60 / (kmh * 1000)
        most = np.array([-1.0 if one is None else one + MARGIN_MINUTES for one in minutes])
        could = least <= most.reshape(len(sources), len(targets), 1)
        return [frozenset(np.flatnonzero(row).tolist()) for row in could.reshape(-1, len(self.outlines))]

    def fastest(self, name: ModeName, mode: Mode, *, motored: float) -> float:
        """Return the speed that no way exceeds from end to end."""
        return max(top_kmh(name, mode, motored=motored) / mode.road_factor, ON_FOOT.kmh)

    def _metres_to(self, places: Sequence[Place]) -> NDArray[np.float64]:
        """Return at least how far each place is from each outline."""
        lons, lats, radii = self._circles
        return np.array([np.maximum(distances_m(*place, lons, lats) - radii, 0) for place in places])

    @cached_property
    def _circles(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        middles = [((w + e) / 2, (s + n) / 2) for w, s, e, n in (one.bounds for one in self.outlines)]
        radii = [
            1.01 * max(distance_m(*middle, lon, lat) for lon, lat in one.exterior.coords)
            for middle, one in zip(middles, self.outlines, strict=True)
        ]
        lons, lats = np.array(middles).T
        return lons, lats, np.array(radii)

    def holds(self, place: Place) -> bool:
        return bool(self.area.intersects(Point(place)))

    def around(self, place: Place, roads: Sequence["Road"]) -> list[Place]:
        """Return places just outside the closed area that a place lies in, or else that closes its roads."""
        parts = [part for part in self._parts if part.intersects(Point(place))] or [
            part for part in self._parts if any(part.intersects(road.line) for road in roads)
        ]
        found: list[Place] = []
        for part in parts:
            ring = _grown(Polygon(part.exterior), ASIDE_M).exterior
            steps = np.linspace(0, 1, LOOKS, endpoint=False)
            found += [(point.x, point.y) for point in (ring.interpolate(step, normalized=True) for step in steps)]
        return [one for one in found if not self.holds(one)]

    def on_foot(self, one: Place, other: Place) -> Way | None:
        """Return how two places in the same closed area are joined on foot, None if they are not in one."""
        both = [part for part in self._parts if part.intersects(Point(one)) and part.intersects(Point(other))]
        return Way(0.0, 0.0, closed_m=distance_m(*one, *other)) if both else None

    @cached_property
    def _parts(self) -> Sequence[Polygon]:
        """The closed areas, those that touch as one."""
        return [part for part in shapely.get_parts(self.area) if isinstance(part, Polygon)]


NOTHING_CLOSED = ClosedArea(())


class Closures:
    """What is closed at one moment, by mode."""

    def __init__(self, closed: Sequence[Closed]) -> None:
        modes = {mode for one in closed for mode in one.modes}
        self._by_mode: Mapping[str, ClosedArea] = {
            mode: ClosedArea([*shapely.from_wkb([one.outline for one in closed if mode in one.modes])])
            for mode in modes
        }

    def to(self, name: str) -> ClosedArea:
        """Return what is closed to a mode."""
        return self._by_mode.get(name, NOTHING_CLOSED)


OPEN = Closures(())


@dataclass(frozen=True, slots=True)
class Road:
    """A road near a place in one direction, as the engine names it: the point of it nearest to the place, its line, how
    much of it lies behind that point (0 to 1), and its speed.
    """

    at: Place
    line: LineString
    share: float
    kmh: float

    @classmethod
    def of(cls, edge: Mapping[str, Any]) -> "Road":
        points = decoded(edge["edge_info"]["shape"])
        line = LineString(points if edge["edge"]["forward"] else points[::-1])
        at = edge["correlated_lon"], edge["correlated_lat"]
        return cls(at, line, edge["percent_along"], edge["edge"]["speeds"]["default"])

    def rest(self, *, leaving: bool) -> LineString | Point:
        """Return the part ahead of somebody who leaves by it, or that one comes by who arrives."""
        return substring(self.line, self.share, 1, True) if leaving else substring(self.line, 0, self.share, True)


def roads_in(one: Mapping[str, Any], *, reach: int = 0) -> list[Road]:
    """Read the roads near a place, of those from which so many junctions are reached."""
    return [
        Road.of(edge)
        for edge in one["edges"] or ()
        if min(edge["outbound_reach"], edge["inbound_reach"]) >= reach and edge["edge_info"]["shape"]
    ]


def is_open(roads: Sequence[Road], closed: ClosedArea) -> bool:
    """Whether one can set out by one of the roads near a place, or none is near at all, which the engine says."""
    return not roads or any(not closed.area.intersects(road.line) for road in roads)


def ends_of(
    place: Place,
    own: Iterable[Road],
    around: Iterable[Road],
    *,
    closed: ClosedArea,
    leaving: bool,
    name: ModeName,
    mode: Mode,
    motored: float,
) -> Iterator[End]:
    """Yield how to come from a place to open roads: along its own closed road where that is free, and on foot to the
    roads around the closed area.
    """
    inside = closed.holds(place)
    ridden = partial(_ridden, closed=closed, leaving=leaving, name=name, mode=mode, motored=motored)
    for road in own:
        end = ridden(road)
        if end is not None:
            metres = distance_m(*place, *road.at)
            yield replace(end, foot_m=metres) if inside else replace(end, off_road_m=walked(metres))
    for road in around:
        end = ridden(road) if closed.area.intersects(road.line) else End(road.at)
        if end is not None and not closed.holds(road.at):
            yield replace(end, foot_m=distance_m(*place, *road.at))


def best_ends(place: Place, ends: Iterable[End]) -> list[End]:
    """Choose the best end in each direction."""
    best: dict[int, End] = {}
    for end in sorted(ends, key=lambda end: (end.cost, end.place)):
        angle = atan2(end.place[1] - place[1], end.place[0] - place[0])
        best.setdefault(int((angle + pi) / (2 * pi) * SECTORS) % SECTORS, end)
    return [*best.values()]


def joined(way: Way, first: End, last: End) -> Way:
    """Add what lies before and after a way on open roads."""
    return Way(
        minutes=first.minutes + way.minutes + last.minutes,
        metres=first.metres + way.metres + last.metres,
        off_road_m=first.off_road_m + way.off_road_m + last.off_road_m,
        closed_m=first.foot_m + last.foot_m,
    )


def shorter(one: Way | None, other: Way | None) -> Way | None:
    """Return the way that takes less."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda way: way.all_minutes)


def _ridden(road: Road, *, closed: ClosedArea, leaving: bool, name: ModeName, mode: Mode, motored: float) -> End | None:
    """Return the open end of a road that is closed elsewhere, None if the closed area lies before it."""
    rest = road.rest(leaving=leaving)
    if closed.area.intersects(rest):
        return None
    points = tuple((lon, lat) for lon, lat in rest.coords)
    metres = sum(distance_m(*a, *b) for a, b in pairwise(points))
    top = top_kmh(name, mode, motored=motored)
    kmh = min(top, road.kmh) if name in ("car", "motorbike") else top
    minutes = metres * 60 / (max(kmh, ON_FOOT.kmh) * 1000) * mode.road_factor
    return End(points[-1] if leaving else points[0], metres=metres, minutes=minutes, line=points)


def _grown(shape: Polygon, metres: float) -> Polygon:
    """Grow a shape in degrees by metres, or shrink it below 0."""
    plane = Plane.at(shape)
    grown = plane.flatten(shape).buffer(metres, join_style="mitre", mitre_limit=2)
    return shapely.transform(grown, lambda points: np.asarray(plane.to_degrees(points)))
