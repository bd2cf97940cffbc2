"""Join all that one account gets, as an attacker would, to place the incidents that it may not read. Pure.

Each way of joining makes claims: an incident lies here. A claim is held against the place where the incident is, and
against the middle of its masked cell, which the account is told anyway.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely

from geo.cells import cell_of, from_hex, resolution, ring
from geo.masking import MASK_RESOLUTION, mask_cell, mask_place
from geo.travel import distance_m

Json = dict[str, Any]
Place = tuple[float, float]

CLEARLY_M = 1.0
"""A claim is nearer than the mask by more than this: the middle of the cell itself is no finding."""
DRAWS = 400
BY_CHANCE = 0.001
"""As many claims nearer than the mask as guessing would place less often than this give a leak away."""
ON_SCENE = "on_scene"
AROUND_SECONDS = 120.0
STAY_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Fix:
    """Where a force was said to be, at so many seconds since the epoch."""

    at: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Claim:
    """A place that the attacker claims an incident to be at. `incident` is None for one known by its category alone,
    or by nothing.
    """

    way: str
    lon: float
    lat: float
    incident: int | None = None
    category: str | None = None


@dataclass(slots=True)
class Loot:
    """Everything an account was sent."""

    incidents: dict[int, Json] = field(default_factory=dict)
    arrivals: dict[int, float] = field(default_factory=dict)
    tasks: dict[int, Json] = field(default_factory=dict)
    tracks: dict[int, set[Fix]] = field(default_factory=lambda: defaultdict(set))
    cells: set[tuple[str, int, str | None]] = field(default_factory=set)
    regions: list[tuple[int, shapely.Polygon]] = field(default_factory=list)
    mentioned: set[Place] = field(default_factory=set)

    def take(self, answer: Any, *, region: shapely.Polygon | None = None) -> None:
        """Take an answer apart, a snapshot, frame, page or anything else: wherever it speaks of a place or a task."""
        for found in _objects(answer):
            names = found.keys()
            if {"case_code", "category", "status"} <= names:
                self._take_incident(found, region)
            elif {"incident", "force", "status"} <= names:
                self.tasks[found["id"]] = found
            elif {"force", "lon", "lat", "at"} <= names and isinstance(found["force"], list):
                self._take_fixes(found)
            self._take_counts(found)
            self._take_arrival(found)
            self.mentioned |= set(_places(found))

    def _take_counts(self, found: Json) -> None:
        """Cells of a view, or a cell by itself with its category."""
        cells = found["cells"] if {"res", "cells"} <= found.keys() else [found]
        for each in cells:
            if {"cell", "count"} <= each.keys():
                self.cells.add((each["cell"], each["count"], found.get("category")))

    def _take_arrival(self, item: Json) -> None:
        """An event that an incident's stage is now on scene."""
        if item.get("kind") == "incident" and (item.get("body") or {}).get("status") == ON_SCENE:
            self.arrivals.setdefault(item["id"], seconds(item["at"]))

    def _take_incident(self, body: Json, region: shapely.Polygon | None) -> None:
        self.incidents[body["id"]] = body
        if region is not None:
            self.regions.append((body["id"], region))

    def _take_fixes(self, fixes: Json) -> None:
        for force, lon, lat, at in zip(*(fixes[name] for name in ("force", "lon", "lat", "at")), strict=True):
            self.tracks[force].add(Fix(at / 1000, lon, lat))

    def track(self, force: int) -> list[Fix]:
        return sorted(self.tracks.get(force, ()), key=lambda fix: fix.at)


def seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def claims(loot: Loot) -> Iterator[Claim]:
    """Everything that can be claimed of where incidents are."""
    yield from by_task(loot)
    yield from by_arrival(loot)
    yield from by_cell(loot)
    yield from by_region(loot)
    yield from (Claim("mention", lon, lat) for lon, lat in loot.mentioned)


def by_task(loot: Loot) -> Iterator[Claim]:
    """A force on a task is at the incident from its arrival on, and still when it has finished."""
    for task in loot.tasks.values():
        if task.get("arrived_at") is None:
            continue
        there = [fix for fix in loot.track(task["force"]) if fix.at >= seconds(task["arrived_at"])]
        if there:
            yield Claim("task", there[0].lon, there[0].lat, task["incident"])


def by_arrival(loot: Loot) -> Iterator[Claim]:
    """Without tasks: where the stillest force in the cell stood when the stage became on scene, or where it came in."""
    for incident, at in loot.arrivals.items():
        body = loot.incidents.get(incident)
        if body is None:
            continue
        cell = _cell(body)
        tracks = [loot.track(force) for force in loot.tracks]
        there = [(near, track) for track in tracks if (near := _near(track, at, cell))]
        if not there:
            continue
        stood, track = min(there, key=lambda found: _restlessness(found[0]))
        last = min(stood, key=lambda fix: abs(fix.at - at))
        yield Claim("arrival", last.lon, last.lat, incident)
        yield from _entry(track, incident=incident, cell=cell)


def _near(track: Sequence[Fix], at: float, cell: int) -> list[Fix]:
    """The fixes around a moment, if one of them lies in the cell: a force that passes is in it and then out."""
    near = [fix for fix in track if abs(fix.at - at) <= STAY_SECONDS]
    near = near or [fix for fix in track if abs(fix.at - at) <= AROUND_SECONDS]
    return near if any(_in(fix, cell) for fix in near) else []


def _restlessness(fixes: Sequence[Fix]) -> float:
    """How far the fixes lie apart, in metres."""
    return max(distance_m(fixes[0].lon, fixes[0].lat, fix.lon, fix.lat) for fix in fixes)


def _entry(track: Sequence[Fix], *, incident: int, cell: int) -> Iterator[Claim]:
    """Where a force's way into the cell meets its edge, if it was seen shortly before it came in."""
    inside = next(fix for fix in track if _in(fix, cell))
    before = [fix for fix in track if fix.at < inside.at]
    if before and inside.at - before[-1].at <= AROUND_SECONDS:
        way = shapely.LineString([(before[-1].lon, before[-1].lat), (inside.lon, inside.lat)])
        edge = way.intersection(shapely.Polygon(ring(cell)).exterior)
        if not edge.is_empty:
            yield Claim("entry", *_middle(edge), incident)


def by_cell(loot: Loot) -> Iterator[Claim]:
    """A cell with few incidents, finer than the mask, is the place of each of them."""
    for text, count, category in loot.cells:
        cell = from_hex(text)
        if count and resolution(cell) > MASK_RESOLUTION:
            lon, lat = _middle(shapely.Polygon(ring(cell)))
            yield Claim("cell", lon, lat, category=category)


def by_region(loot: Loot) -> Iterator[Claim]:
    """An incident that is listed for a small division lies in the part of its cell within that division."""
    for incident, region in loot.regions:
        body = loot.incidents[incident]
        part = region.intersection(shapely.Polygon(ring(_cell(body))))
        if not part.is_empty:
            lon, lat = _middle(part)
            yield Claim("region", lon, lat, incident)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well one way of joining does: claims, those nearer than the mask, the median error, and how likely guesses
    within the masked cell are to do as well.
    """

    way: str
    claims: int
    nearer: int
    median_m: float
    chance: float

    @property
    def leaks(self) -> bool:
        return self.chance < BY_CHANCE


def verdicts(found: Iterable[Claim], truth: Mapping[int, Json], *, seed: int = 0) -> list[Verdict]:
    """Hold claims against the incidents as they are: of each way one for each incident, that of the middle rank."""
    by_way: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for claim in found:
        for incident in _meant(claim, truth):
            by_way[claim.way][incident].append(_error(claim, truth[incident]))
    rng = random.Random(seed)
    odds = {incident: _odds(body, rng) for incident, body in truth.items()}
    return [_verdict(way, errors, truth, odds) for way, errors in by_way.items()]


def _meant(claim: Claim, truth: Mapping[int, Json]) -> list[int]:
    """The incident that is named, or else those that it may be: of its category, in the same masked cell."""
    if claim.incident is not None:
        return [claim.incident] if claim.incident in truth else []
    cell = cell_of(claim.lon, claim.lat, MASK_RESOLUTION)
    return [
        incident
        for incident, body in truth.items()
        if _cell(body) == cell and claim.category in (None, body["category"])
    ]


def _cell(body: Json) -> int:
    """The masked cell of a body, exact or masked."""
    return mask_cell(body["lon"], body["lat"])


def _error(claim: Claim, body: Json) -> float:
    return distance_m(claim.lon, claim.lat, body["lon"], body["lat"])


def _mask_error(body: Json) -> float:
    return distance_m(*mask_place(body["lon"], body["lat"]), body["lon"], body["lat"])


def _odds(body: Json, rng: random.Random) -> float:
    """How often a guess within the masked cell is nearer than its middle."""
    outline = shapely.Polygon(ring(_cell(body)))
    west, south, east, north = outline.bounds
    mask, nearer, drawn = _mask_error(body) - CLEARLY_M, 0, 0
    while drawn < DRAWS:
        lon, lat = rng.uniform(west, east), rng.uniform(south, north)
        if outline.contains(shapely.Point(lon, lat)):
            drawn += 1
            nearer += distance_m(lon, lat, body["lon"], body["lat"]) < mask
    return max(nearer, 1) / DRAWS


def _verdict(
    way: str, errors: Mapping[int, Sequence[float]], truth: Mapping[int, Json], odds: Mapping[int, float]
) -> Verdict:
    middle = {incident: sorted(each)[len(each) // 2] for incident, each in errors.items()}
    nearer = sum(error < _mask_error(truth[incident]) - CLEARLY_M for incident, error in middle.items())
    chance = tail([odds[incident] for incident in middle], nearer)
    return Verdict(way, len(middle), nearer, sorted(middle.values())[len(middle) // 2], chance)


def tail(odds: Sequence[float], successes: int) -> float:
    """The probability of at least so many successes in independent trials of these odds."""
    spread = [1.0]
    for p in odds:
        spread = [a * (1 - p) + b * p for a, b in zip([*spread, 0.0], [0.0, *spread], strict=True)]
    return sum(spread[successes:])


def _objects(answer: Any) -> Iterator[Json]:
    """Every object in an answer, however deep."""
    if isinstance(answer, dict):
        yield answer
    for part in answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ():
        if isinstance(part, dict | list):
            yield from _objects(part)


def _places(found: Json) -> Iterator[Place]:
    """The point that an object names, as `lon` and `lat` or as GeoJSON."""
    lon, lat = found.get("lon"), found.get("lat")
    if isinstance(lon, float) and isinstance(lat, float):
        yield lon, lat
    if found.get("type") == "Point":
        yield tuple(found["coordinates"][:2])


def _in(fix: Fix, cell: int) -> bool:
    return cell_of(fix.lon, fix.lat, MASK_RESOLUTION) == cell


def _middle(area: shapely.Geometry) -> Place:
    point = area.centroid
    return point.x, point.y
