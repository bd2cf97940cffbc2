"""The circle of those on duty now. Who has not moved is not asked for again, so that a change costs only itself."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from time import monotonic

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy.ext.asyncio import AsyncSession

from console.dispatching.terms import DispatchTerms
from console.reach.queries import Grids, read_grids, read_places
from console.reach.rules import Bools, Cover, Move, Moves, Origin, Place, Share, Spot, share_of
from geo.travel import ModeName, TravelTime, distance_m, distances_m
from layers.divisions.queries import boundaries_version
from layers.roads.graph import Graph
from layers.roads.rules import COSTINGS, Way

SAME_PLACE_M = 30.0
"""Who has moved less than this since is where it was."""
RESIDENTS: ModeName = "ebike"
"""How residents come to a centre."""
KEPT = 8
COUNTED_ANEW = timedelta(minutes=10)
"""How old the counts of the last year's incidents may be."""
FARTHEST_M = 200_000.0
BATCH = 12
"""Whose ways are looked for together: most of the time goes to finding the roads near the grids, once for all."""
PATIENCE_SECONDS = 0.8
"""So long ways are looked for in one answer. Those not found by then are estimated, and looked for in the next."""
Counts = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hole:
    """Grids outside that lie side by side, and the one of them with the most incidents."""

    spot: Spot
    grids: int
    incidents: int


@dataclass(frozen=True, slots=True)
class Circle:
    """Who is counted, what is inside, the holes with most incidents first, and the move that closes most.

    `inside` are the outlines of the grids inside as one shape, None where there are none. `estimated` are how many
    forces' travel is an estimate, all of them without roads. `complete`: every place was tried for the move, and every
    way looked for. `centres` is the share of those who come to a centre or station.
    """

    at: datetime
    minutes: int
    origins: Sequence[Origin]
    estimated: int
    complete: bool
    share: Share
    unplaced: int
    centres: Share | None
    inside: BaseGeometry | None
    holes: Sequence[Hole]
    move: Move | None
    target: Spot | None


@dataclass(slots=True)
class _Reached:
    """Spots reached in time from a place by a mode; by an estimate where not `by_road`, until its turn if `pending`."""

    place: Place
    mode: ModeName
    spots: Bools
    by_road: bool = False
    pending: bool = False


@dataclass(slots=True)
class Travels:
    """Ways on one graph to the grids of one division on one day's lines."""

    grids: Grids
    places: Sequence[Place]
    graph: Graph | None
    terms: DispatchTerms
    counted_at: datetime
    lons: Floats = field(init=False)
    lats: Floats = field(init=False)
    _until: float = 0.0
    _found: dict[tuple[str, float], _Reached] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lons = np.array([spot.lon for spot in self.grids.spots], dtype=np.float64)
        self.lats = np.array([spot.lat for spot in self.grids.spots], dtype=np.float64)

    def begin(self) -> None:
        """Begin an answer: ways are looked for as long as patience lasts."""
        self._until = monotonic() + PATIENCE_SECONDS

    @property
    def over(self) -> bool:
        return monotonic() > self._until

    def possible(self, place: Place, mode: ModeName, minutes: float) -> Bools:
        """Return the spots that a straight line allows at best; without roads, those that the estimate reaches."""
        least = self.terms.minutes if self.graph is None else self.terms.least(self.graph.motored_kmh)
        return np.asarray(distances_m(*place, self.lons, self.lats) <= _farthest(least, mode, minutes))

    def keep(self, earlier: "Travels") -> None:
        """Take over what is known of the same grids on the same graph."""
        self._found = earlier._found

    async def reached(self, wanted: Sequence["Wanted"]) -> list[_Reached]:
        """Return for each which spots are reached in time, in the order given; what is known is kept until they move.

        Ways are looked for in batches of neighbours, as long as patience lasts. The rest is estimated, and pending.
        """
        if self.graph is not None:
            missing = [one for one in wanted if one.mode in COSTINGS and self._kept(one) is None]
            for some in _batches(missing):
                if self.over:
                    break
                found = await self._by_road(self.graph, some)
                self._found |= {one.key: each for one, each in zip(some, found, strict=True)}
        return [self._kept(one) or self._estimated(one) for one in wanted]

    def _kept(self, wanted: "Wanted") -> _Reached | None:
        kept = self._found.get(wanted.key)
        if kept is None or kept.mode != wanted.mode:
            return None
        return kept if distance_m(*kept.place, *wanted.place) < SAME_PLACE_M else None

    def _estimated(self, wanted: "Wanted") -> _Reached:
        straight = distances_m(*wanted.place, self.lons, self.lats)
        near = straight <= _farthest(self.terms.minutes, wanted.mode, wanted.minutes)
        pending = self.graph is not None and wanted.mode in COSTINGS
        return _Reached(wanted.place, wanted.mode, near, pending=pending)

    async def _by_road(self, graph: Graph, some: Sequence["Wanted"]) -> list[_Reached]:
        """Look for the ways of some of one mode to all spots that any of them could reach."""
        mode = some[0].mode
        possible = [self.possible(one.place, mode, one.minutes) for one in some]
        which = np.flatnonzero(np.any(possible, axis=0)).tolist()
        targets = [_place(self.grids.spots[i]) for i in which]
        ways = await graph.ways_between([one.place for one in some], targets, name=mode, mode=self.terms.by_mode[mode])
        return [self._told(one, spots, which, found) for one, spots, found in zip(some, possible, ways, strict=True)]

    def _told(self, one: "Wanted", spots: Bools, which: Sequence[int], ways: Mapping[int, Way | None]) -> _Reached:
        """Cut those out that are too far by their way. Those that roads say nothing about are estimated."""
        start = self.terms.by_mode[one.mode].start_minutes
        for at, i in enumerate(which):
            if not spots[i]:
                continue
            if at not in ways:
                spots[i] = (
                    self.terms.minutes(distance_m(*one.place, self.lons[i], self.lats[i]), one.mode) <= one.minutes
                )
            elif (way := ways[at]) is None:
                spots[i] = False
            else:
                spots[i] = start + way.all_minutes <= one.minutes
        return _Reached(one.place, one.mode, spots, by_road=bool(ways) or not which)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose ways are wanted: `name` and `minutes` are what they are kept under."""

    name: str
    place: Place
    mode: ModeName
    minutes: float

    @property
    def key(self) -> tuple[str, float]:
        return self.name, self.minutes


def _batches(missing: Sequence[Wanted]) -> Iterator[Sequence[Wanted]]:
    """Yield neighbours of one mode together."""
    ordered = sorted(missing, key=lambda one: (one.mode, round(one.place[1], 1), one.place))
    for _, some in groupby(ordered, key=lambda one: one.mode):
        of_mode = [*some]
        for start in range(0, len(of_mode), BATCH):
            yield of_mode[start : start + BATCH]


@dataclass(slots=True)
class Circles:
    """Travels by division and its lines on the graph in use; those asked for longest ago are forgotten.."""

    _kept: dict[tuple[str, str], Travels] = field(default_factory=dict)

    async def travels(
        self, session: AsyncSession, scope: str, *, graph: Graph | None, terms: DispatchTerms, day: date, now: datetime
    ) -> Travels:
        """Return the travels in a division, which the session reaches, on today's lines and roads."""
        version = await boundaries_version(session, day=day)
        key = scope, version
        travels = self._kept.pop(key, None)
        if travels is None or now - travels.counted_at > COUNTED_ANEW or travels.graph is not graph:
            grids = await read_grids(session, day=day, now=now)
            fresh = Travels(grids, await read_places(session), graph, terms, now)
            if travels is not None and travels.graph is graph:
                fresh.keep(travels)
            travels = fresh
        self._kept[key] = travels
        while len(self._kept) > KEPT:
            self._kept.pop(next(iter(self._kept)))
        return travels


async def circle_of(travels: Travels, origins: Sequence[Origin], *, minutes: int, now: datetime) -> Circle:
    """Find what those on duty reach in time, the holes, and the one move that closes most. No connection is held."""
    travels.begin()
    spots = travels.grids.spots
    incidents = np.array([spot.incidents for spot in spots], dtype=np.int64)
    wanted = [Wanted(f"force {one.force}", (one.lon, one.lat), one.mode, minutes - one.wait_minutes) for one in origins]
    found = dict(zip((one.force for one in origins), await travels.reached(wanted), strict=True))
    reached = {force: one.spots for force, one in found.items()}
    cover = Cover.of(reached, origins, spots=len(spots))
    all_found = not any(one.pending for one in found.values())
    moves = Moves.of(cover, reached, [one.force for one in origins if one.may_move], incidents)
    move, all_tried = await _best_move(travels, moves, origins, incidents, minutes=minutes)
    centres = await _centres(travels, incidents, minutes=minutes)
    inside, holes = await asyncio.to_thread(_drawn, travels.grids, cover.inside)
    return Circle(
        at=now,
        minutes=minutes,
        origins=origins,
        estimated=sum(not one.by_road for one in found.values()),
        complete=all_found and all_tried,
        share=share_of(cover, incidents),
        unplaced=travels.grids.unplaced,
        centres=centres,
        inside=inside,
        holes=holes,
        move=move,
        target=None if move is None else spots[move.spot],
    )


async def _best_move(
    travels: Travels, moves: Moves, origins: Sequence[Origin], incidents: Counts, *, minutes: int
) -> tuple[Move | None, bool]:
    """Try every place outside for every mode that somebody free has, the most promising first, and tell whether all
    that could be the best were tried.
    """
    by_mode: dict[ModeName, list[int]] = {}
    for one in origins:
        if one.may_move:
            by_mode.setdefault(one.mode, []).append(one.force)
    spots = travels.grids.spots
    tries = [
        (moves.most(travels.possible(_place(spots[i]), mode, minutes)), i, mode)
        for mode in by_mode
        for i in np.flatnonzero(~moves.cover.inside).tolist()
    ]
    best: tuple[int, Bools] | None = None
    for most, i, mode in sorted(tries, key=lambda one: (-one[0], one[1], one[2])):
        if not moves.worth(most):
            break
        (found,) = await travels.reached([Wanted(f"spot {spots[i].code} {mode}", _place(spots[i]), mode, minutes)])
        if found.pending:
            return _told(moves, best, origins, incidents), False
        if moves.consider(i, found.spots, by_mode[mode]):
            best = i, found.spots
    return _told(moves, best, origins, incidents), True


def _told(moves: Moves, best: tuple[int, Bools] | None, origins: Sequence[Origin], incidents: Counts) -> Move | None:
    return None if best is None else moves.move(best[1], {one.force: one.name for one in origins}, incidents)


async def _centres(travels: Travels, incidents: Counts, *, minutes: int) -> Share | None:
    if not travels.places:
        return None
    count = np.zeros(len(travels.grids.spots), dtype=np.int64)
    mode, _ = travels.terms.road_mode(RESIDENTS)
    wanted = [Wanted(f"place {i}", place, mode, minutes) for i, place in enumerate(travels.places)]
    for one in await travels.reached(wanted):
        count += one.spots
    return share_of(Cover(count, count > 0), incidents)


def _farthest(least: TravelTime, mode: ModeName, minutes: float) -> float:
    """Return the straight metres beyond which travel takes longer: it grows with the distance. -1 if it always does."""
    if least(0.0, mode) > minutes:
        return -1.0
    near, far = 0.0, FARTHEST_M
    while far - near > 0.01:
        middle = (near + far) / 2
        near, far = (middle, far) if least(middle, mode) <= minutes else (near, middle)
    return near


def _place(spot: Spot) -> Place:
    return spot.lon, spot.lat


def _drawn(grids: Grids, inside: Bools) -> tuple[BaseGeometry | None, list[Hole]]:
    chosen = [grids.outlines[i] for i in np.flatnonzero(inside).tolist()]
    return shapely.union_all(chosen) if chosen else None, _holes(grids, ~inside)


def _holes(grids: Grids, outside: Bools) -> list[Hole]:
    """Group the grids outside that touch, those with most incidents first."""
    which = np.flatnonzero(outside).tolist()
    tree = shapely.STRtree([grids.outlines[i] for i in which])
    group = {i: i for i in range(len(which))}

    def root(i: int) -> int:
        while group[i] != i:
            i = group[i] = group[group[i]]
        return i

    if which:
        for a, b in tree.query(tree.geometries, predicate="intersects").T.tolist():
            group[root(a)] = root(b)
    members: dict[int, list[Spot]] = {}
    for at, i in enumerate(which):
        members.setdefault(root(at), []).append(grids.spots[i])
    found = [
        Hole(max(some, key=lambda one: (one.incidents, one.code)), len(some), sum(one.incidents for one in some))
        for some in members.values()
    ]
    return sorted(found, key=lambda one: (-one.incidents, -one.grids, one.spot.code))
