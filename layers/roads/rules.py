"""What is asked of a road engine, and what its answers mean. Pure.

The engine is Valhalla in one of three ways; requests and answers are the same in all (`engines`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from types import MappingProxyType
from typing import Any, Literal

from geo.travel import Mode, ModeName, distance_m

Place = tuple[float, float]
"""Longitude and latitude in degrees."""
Action = Literal["route", "sources_to_targets", "isochrone", "locate"]

COSTINGS: Mapping[str, str] = MappingProxyType(
    {"walk": "pedestrian", "bike": "bicycle", "ebike": "bicycle", "motorbike": "motorcycle", "car": "auto"}
)
"""The engine's profile of each mode. A boat has none: its way is estimated.

An e-bike is a bicycle with the speed that the place states: it may use cycle tracks, and motor scooters may not.
"""
MOTORED_TOP_KMH = 80.0
"""No car is reckoned to be faster, nor faster than the graph's fastest road: a straight line then bounds a way."""
FERRY_SECONDS = 600
ON_FOOT = Mode(kmh=4.8, detour=1.0)
"""Between a place and the nearest road."""
OFF_ROAD_FROM_M = 30.0
"""Nearer to a road than this, nobody walks."""
OFF_ROAD_MOST_M = 5_000.0
"""Farther from any road than this, roads say nothing about a place."""
ISLE_M = 100.0
"""Roads that lead nowhere are an isle, unless others are at most this much farther away: those are a gap in the map."""
REACHABLE_NODES = 50
"""Roads with fewer junctions than this in reach may be an isle."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way by road: its minutes without those before one sets out, its metres, the part beside any road, and the part
    that is walked since the road there is closed.
    """

    minutes: float
    metres: float
    off_road_m: float = 0.0
    closed_m: float = 0.0

    @property
    def off_road_minutes(self) -> float:
        return float(ON_FOOT.minutes(self.off_road_m))

    @property
    def closed_minutes(self) -> float:
        return float(ON_FOOT.minutes(self.closed_m))

    @property
    def all_minutes(self) -> float:
        """With what is walked."""
        return self.minutes + self.off_road_minutes + self.closed_minutes


@dataclass(frozen=True, slots=True)
class Route:
    """A way with its line, the points in order, and the metres walked before and after it, where roads are closed."""

    way: Way
    line: tuple[Place, ...]
    foot_before_m: float = 0.0
    foot_after_m: float = 0.0


def least_minutes(metres: float, name: str, mode: Mode, *, motored: float = MOTORED_TOP_KMH) -> float | None:
    """Return fewer minutes than any way by road takes between places so far apart; None for a mode without roads.

    Each part of the way is gone at the mode's top speed or walked, and together they are no shorter than the straight
    line, but for what nobody counts beside the road. `motored` is the speed that no car on these roads exceeds.
    """
    if name not in COSTINGS:
        return None
    kmh = max(top_kmh(name, mode, motored=motored) / mode.road_factor, ON_FOOT.kmh)
    return mode.start_minutes + max(0.0, metres - 2 * OFF_ROAD_FROM_M) * 60 / (kmh * 1000)


def top_kmh(name: str, mode: Mode, *, motored: float) -> float:
    """Return the speed that no way by road exceeds on average."""
    return motored if name in ("car", "motorbike") else mode.kmh


def costing_of(name: ModeName, mode: Mode, *, motored: float) -> dict[str, Any]:
    """Return the engine's profile and its options.

    Staff may pass private ways and gates, at the time that opening one takes.
    """
    costing = COSTINGS[name]
    speed = {"pedestrian": "walking_speed", "bicycle": "cycling_speed"}.get(costing, "top_speed")
    options = {
        speed: top_kmh(name, mode, motored=motored),
        "gate_cost": 30,
        "gate_penalty": 0,
        "private_access_penalty": 0,
        "ferry_cost": FERRY_SECONDS,
    }
    return {"costing": costing, "costing_options": {costing: options}}


def matrix_request(
    sources: Sequence[Place],
    targets: Sequence[Place],
    *,
    name: ModeName,
    mode: Mode,
    motored: float = MOTORED_TOP_KMH,
    reach: int = 0,
) -> dict[str, Any]:
    """Ask for the ways from each source to each target. `reach`: places are taken to roads from which so many junctions
    are reached; 0 is any road.
    """
    return {
        "sources": [_location(place, reach) for place in sources],
        "targets": [_location(place, reach) for place in targets],
        "verbose": True,
        "shape_format": "no_shape",
        **costing_of(name, mode, motored=motored),
    }


def route_request(
    source: Place, target: Place, *, name: ModeName, mode: Mode, motored: float = MOTORED_TOP_KMH, reach: int = 0
) -> dict[str, Any]:
    locations = [_location(source, reach), _location(target, reach)]
    return {"locations": locations, "directions_type": "none", **costing_of(name, mode, motored=motored)}


def isochrone_request(
    origin: Place, *, minutes: float, name: ModeName, mode: Mode, motored: float = MOTORED_TOP_KMH
) -> dict[str, Any]:
    """Ask for the area within so many minutes by road, those before setting out taken off."""
    rest = max(1.0, (minutes - mode.start_minutes) / mode.road_factor)
    contours = [{"time": rest}]
    return {
        "locations": [_location(origin)],
        "contours": contours,
        "polygons": True,
        **costing_of(name, mode, motored=motored),
    }


@dataclass(frozen=True, slots=True)
class Tried:
    """A cell of a matrix: the metres beside roads at both ends, and the way, None where none is known."""

    off_road_m: float
    way: Way | None


def tried_of(
    answer: Mapping[str, Any], sources: Sequence[Place], targets: Sequence[Place], *, mode: Mode
) -> list[Tried]:
    """Read a matrix, row by row: all targets of the first source, then of the next. A null is never no time: it is no
    way known.
    """
    at_sources, at_targets = (
        [beside(place, (at["lon"], at["lat"])) for place, at in zip(places, answer[side], strict=True)]
        for places, side in ((sources, "sources"), (targets, "targets"))
    )
    found = []
    for at_source, row in zip(at_sources, answer["sources_to_targets"], strict=True):
        for at_target, cell in zip(at_targets, row, strict=True):
            off_road, seconds, km = at_source + at_target, cell["time"], cell["distance"]
            way = None if seconds is None or km is None else Way(seconds / 60 * mode.road_factor, km * 1000, off_road)
            found.append(Tried(off_road, way))
    return found


def route_of(answer: Mapping[str, Any], source: Place, target: Place, *, mode: Mode) -> Route:
    trip = answer["trip"]
    line = tuple(point for leg in trip["legs"] for point in decoded(leg["shape"]))
    off_road = beside(source, line[0]) + beside(target, line[-1])
    summary = trip["summary"]
    return Route(Way(summary["time"] / 60 * mode.road_factor, summary["length"] * 1000, off_road), line)


def locate_request(places: Sequence[Place]) -> dict[str, Any]:
    """Ask for the road nearest to each place, by the profile that may use most."""
    return {"locations": [_location(place) for place in places], "costing": "pedestrian", "verbose": False}


def leading_request(
    places: Sequence[Place],
    *,
    name: ModeName,
    mode: Mode,
    motored: float = MOTORED_TOP_KMH,
    reach: int = REACHABLE_NODES,
) -> dict[str, Any]:
    """Ask for the roads near each place from which many others are reached."""
    locations = [_location(place, reach) for place in places]
    return {"locations": locations, "verbose": True, **costing_of(name, mode, motored=motored)}


def distances_of(answer: Sequence[Mapping[str, Any]], places: Sequence[Place], *, leading: bool = False) -> list[float]:
    """Read how many metres each place is from a road, or from a `leading` one; infinitely many where none is near."""
    return [
        min(
            (
                distance_m(*place, edge["correlated_lon"], edge["correlated_lat"])
                for edge in one["edges"] or ()
                if not leading or min(edge["outbound_reach"], edge["inbound_reach"]) >= REACHABLE_NODES
            ),
            default=inf,
        )
        for place, one in zip(places, answer, strict=True)
    ]


def from_roads(ways: Sequence[Way | None], at_sources: Sequence[float], at_targets: Sequence[float]) -> list[Tried]:
    """Set the parts beside roads of ways from some roads, whose metres from each source and target are given.

    A matrix names the nearest roads even where it starts from others.
    """
    beside = [walked(source) + walked(target) for source in at_sources for target in at_targets]
    return [Tried(off, way and replace(way, off_road_m=off)) for off, way in zip(beside, ways, strict=True)]


def settled(near: Tried, leading: Tried) -> Way | None:
    """Choose between the nearest roads and roads that lead on.

    Where the nearest lead nowhere, those hardly farther off are taken: the map has a gap. Those across water are not.
    """
    if near.way is not None or leading.way is None:
        return near.way
    return leading.way if leading.off_road_m <= near.off_road_m + ISLE_M else None


def decoded(shape: str) -> list[Place]:
    """Decode an encoded polyline of six digits."""
    points: list[Place] = []
    lat = lon = at = 0
    while at < len(shape):
        step, at = _number(shape, at)
        lat += step
        step, at = _number(shape, at)
        lon += step
        points.append((lon / 1e6, lat / 1e6))
    return points


def _number(shape: str, at: int) -> tuple[int, int]:
    bits = shift = 0
    while True:
        chunk = ord(shape[at]) - 63
        at += 1
        bits |= (chunk & 0x1F) << shift
        shift += 5
        if chunk < 0x20:
            return (~(bits >> 1) if bits & 1 else bits >> 1), at


def _location(place: Place, reach: int = 0) -> dict[str, Any]:
    return {"lon": place[0], "lat": place[1], "minimum_reachability": reach}


def beside(place: Place, road: Place) -> float:
    """Return how many metres are walked between a place and its road."""
    return walked(distance_m(*place, *road))


def walked(metres: float) -> float:
    """Return how many of some metres beside a road count."""
    return metres if metres > OFF_ROAD_FROM_M else 0.0
