"""The road graph in use: which one there is, and ways on it.

A graph is one file beside others in a folder, and `current.json` names the one in use. A new one is renamed into its
place: whoever has begun with the old one ends with it.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any, Literal, TypeVar

import structlog

from geo.travel import Mode, ModeName, box_around
from layers.current import Seen, load_current, save_current, seen_of
from layers.roads.closing import OPEN, Closed, ClosedArea, Closures, Road, is_open, roads_in
from layers.roads.detours import Detours
from layers.roads.engines import EmbeddedEngine, Engine, installed
from layers.roads.errors import EngineFault, NoWayKnown
from layers.roads.rules import (
    COSTINGS,
    MOTORED_TOP_KMH,
    OFF_ROAD_MOST_M,
    REACHABLE_NODES,
    Place,
    Route,
    Tried,
    Way,
    distances_of,
    from_roads,
    isochrone_request,
    leading_request,
    matrix_request,
    route_of,
    route_request,
    settled,
    tried_of,
)

log = structlog.get_logger()

THREADS = max(2, min(4, os.cpu_count() or 2))
PATIENCE_SECONDS = 2.0
"""An engine that does not answer within this leaves estimates."""
T = TypeVar("T")
Origin = Literal["made", "given"]
Bbox = tuple[float, float, float, float]
OPENSTREETMAP = "© OpenStreetMap contributors"


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """A graph: its version, when it was built, of when its roads are (None: the file does not say), whether they are
    made or given, who is to be credited, how many ways there are, west, south, east, north of them, and the speed that
    no car exceeds on them.
    """

    version: str
    built_at: datetime
    data_at: datetime | None
    origin: Origin
    credit: str
    ways: int
    bbox: Bbox
    motored_kmh: float = MOTORED_TOP_KMH

    def save(self, folder: Path) -> None:
        """Make this the graph in use, in one step."""
        save_current(folder, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> "GraphInfo | None":
        """Read which graph is in use, None if there is none."""
        said = load_current(folder)
        if said is None:
            return None
        moments = {name: said[name] and datetime.fromisoformat(said[name]) for name in ("built_at", "data_at")}
        return cls(**{**said, **moments, "bbox": tuple(said["bbox"])})


def graph_file(folder: Path, version: str) -> Path:
    return folder / f"graph-{version}.tar"


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph: all its answers are from the same roads, less those closed. Without `info` it is a server's, which
    does not say.
    """

    engine: Engine
    threads: ThreadPoolExecutor
    info: GraphInfo | None = None
    closures: Closures = OPEN
    faults: set[bool] = field(default_factory=set, compare=False)
    """Whether the last ask on open roads (False) failed, and the last one without closed roads (True)."""

    async def ways(
        self, sources: Sequence[Place], target: Place, *, name: ModeName, mode: Mode
    ) -> Mapping[int, Way | None] | None:
        """Find the way to the target from each source, by the source's index: None where none is known.

        A place that roads say nothing about is left out. None at all where the engine fails.
        """
        if name not in COSTINGS or not self.covers(target):
            return {}
        known = [i for i, source in enumerate(sources) if self.covers(source)]
        asked = [sources[i] for i in known]
        if not asked:
            return {}
        found = await self._answer(lambda: self.ways_now(asked, target, name=name, mode=mode), name=name)
        return None if found is None else _told(known, found)

    async def ways_between(
        self, sources: Sequence[Place], targets: Sequence[Place], *, name: ModeName, mode: Mode
    ) -> list[Mapping[int, Way | None]]:
        """Find for each source the ways to the targets, by the target's index, as `ways` does to one.

        Several sources cost little more than one: to find the roads near the targets takes most of the time.
        """
        told: list[Mapping[int, Way | None]] = [{} for _ in sources]
        if name not in COSTINGS:
            return told
        which, known = ([i for i, place in enumerate(places) if self.covers(place)] for places in (sources, targets))
        asked, wanted = [sources[i] for i in which], [targets[i] for i in known]
        if asked and wanted:
            found = await self._answer(lambda: self._settled_ways(asked, wanted, name=name, mode=mode), name=name)
            for row, i in enumerate(which):
                told[i] = _told(known, found and found[row * len(known) : (row + 1) * len(known)])
        return told

    async def route(self, source: Place, target: Place, *, name: ModeName, mode: Mode) -> Route | None:
        """Find a way and its line, None where none is known or the engine fails."""
        if name not in COSTINGS or not (self.covers(source) and self.covers(target)):
            return None
        return await self._answer(lambda: self.route_now(source, target, name=name, mode=mode), name=name)

    async def isochrone(self, origin: Place, *, minutes: float, name: ModeName, mode: Mode) -> Mapping[str, Any] | None:
        """Return the area within so many minutes as GeoJSON, for the eye alone; None where the engine fails."""
        if name not in COSTINGS or not self.covers(origin):
            return None
        request = isochrone_request(origin, minutes=minutes, name=name, mode=mode, motored=self.motored_kmh)
        request |= self.closures.to(name).excluded
        return await self._answer(lambda: self.engine.ask("isochrone", request), name=name)

    @property
    def motored_kmh(self) -> float:
        """The speed that no car exceeds on these roads."""
        return MOTORED_TOP_KMH if self.info is None else self.info.motored_kmh

    def covers(self, place: Place) -> bool:
        """Whether the place is near enough to these roads for them to say anything about it."""
        if self.info is None:
            return True
        west, south, east, north = self.info.bbox
        at_west, at_south, at_east, at_north = box_around(*place, OFF_ROAD_MOST_M)
        return at_east >= west and at_west <= east and at_north >= south and at_south <= north

    def ways_now(self, sources: Sequence[Place], target: Place, *, name: ModeName, mode: Mode) -> list[Way | None]:
        """The same on this thread, by list. Raises `EngineFault`."""
        return self._settled_ways(sources, [target], name=name, mode=mode)

    def _settled_ways(
        self, sources: Sequence[Place], targets: Sequence[Place], *, name: ModeName, mode: Mode
    ) -> list[Way | None]:
        """Find the ways from each source to each target, row by row. Raises `EngineFault`."""
        closed = self.closures.to(name)
        if closed:
            return Detours(self, closed, name, mode).ways(sources, targets)
        return self.open_ways(sources, targets, name=name, mode=mode, closed=closed)

    def roads_near(self, places: Sequence[Place], *, name: ModeName, mode: Mode) -> list[list[Road]]:
        """Return the roads nearest to each place, open or closed. Raises `EngineFault`."""
        request = leading_request(places, name=name, mode=mode, motored=self.motored_kmh, reach=0)
        return [roads_in(one) for one in self.engine.ask("locate", request)]

    def open_ways(
        self, sources: Sequence[Place], targets: Sequence[Place], *, name: ModeName, mode: Mode, closed: ClosedArea
    ) -> list[Way | None]:
        """Find the ways between places whose roads are open, row by row. Raises `EngineFault`."""
        ways = [one.way for one in self._matrix(sources, targets, name=name, mode=mode, closed=closed, reach=0)]
        lost: dict[int, list[int]] = defaultdict(list)
        for i, way in enumerate(ways):
            if way is None:
                # Those without a way to one target are asked together, and so are the targets that one source lacks.
                lost[0 if len(targets) == 1 else i // len(targets)].append(i)
        for some in lost.values():
            froms = dict.fromkeys(i // len(targets) for i in some)
            tos = dict.fromkeys(i % len(targets) for i in some)
            starts, goals = [sources[i] for i in froms], [targets[i] for i in tos]
            again = self._from_leading(starts, goals, name=name, mode=mode, closed=closed)
            for i, way in zip(some, again, strict=True):
                ways[i] = way
        return ways

    def _from_leading(
        self, sources: Sequence[Place], targets: Sequence[Place], *, name: ModeName, mode: Mode, closed: ClosedArea
    ) -> list[Way | None]:
        """Try again from roads that lead on, and keep the ways from those hardly farther than the nearest roads.

        Where no way at all is known, a matrix does not say how far the nearest roads are.
        """
        tried = self._matrix(sources, targets, name=name, mode=mode, closed=closed, reach=REACHABLE_NODES)
        ways = [one.way for one in tried]
        if not any(ways):
            return ways
        places, n = [*sources, *targets], len(sources)
        found = self.engine.ask("locate", leading_request(places, name=name, mode=mode, motored=self.motored_kmh))
        at_near, at_leading = distances_of(found, places), distances_of(found, places, leading=True)
        if closed:
            leads = [is_open(roads_in(one, reach=REACHABLE_NODES), closed) for one in found]
            pairs = product(leads[:n], leads[n:])
            ways = [way if all(pair) else None for way, pair in zip(ways, pairs, strict=True)]
        near = from_roads([None] * len(ways), at_near[:n], at_near[n:])
        leading = from_roads(ways, at_leading[:n], at_leading[n:])
        return [settled(one, other) for one, other in zip(near, leading, strict=True)]

    def route_now(self, source: Place, target: Place, *, name: ModeName, mode: Mode) -> Route | None:
        """The same on this thread. None, too, where one walks within a closed area. Raises `EngineFault`."""
        closed = self.closures.to(name)
        if closed:
            return Detours(self, closed, name, mode).route(source, target)
        return self.open_route(source, target, name=name, mode=mode, closed=closed)

    def open_route(
        self, source: Place, target: Place, *, name: ModeName, mode: Mode, closed: ClosedArea
    ) -> Route | None:
        """Find a way and its line between places whose roads are open. Raises `EngineFault`."""
        way = self.open_ways([source], [target], name=name, mode=mode, closed=closed)[0]
        for reach in (0, REACHABLE_NODES) if way else ():
            with suppress(NoWayKnown):
                request = route_request(source, target, name=name, mode=mode, motored=self.motored_kmh, reach=reach)
                answer = self.engine.ask("route", request | closed.excluded)
                return route_of(answer, source, target, mode=mode)
        return None

    def _matrix(
        self,
        sources: Sequence[Place],
        targets: Sequence[Place],
        *,
        name: ModeName,
        mode: Mode,
        closed: ClosedArea,
        reach: int,
    ) -> list[Tried]:
        request = matrix_request(sources, targets, name=name, mode=mode, motored=self.motored_kmh, reach=reach)
        request |= closed.excluded
        try:
            answer = self.engine.ask("sources_to_targets", request)
        except NoWayKnown:
            return [Tried(0.0, None)] * (len(sources) * len(targets))
        return tried_of(answer, sources, targets, mode=mode)

    async def _answer(self, work: Callable[[], T], *, name: ModeName) -> T | None:
        closed = bool(self.closures.to(name))
        running = asyncio.get_running_loop().run_in_executor(self.threads, work)
        try:
            answer = await asyncio.wait_for(running, PATIENCE_SECONDS)
        except (EngineFault, TimeoutError) as error:
            log.warning(
                "roads_failed", engine=self.engine.name, fault=str(error) or type(error).__name__, closed=closed
            )
            self.faults.add(closed)
            return None
        self.faults.difference_update({closed} if self.closures is not OPEN else {True, False})
        return answer


def _told(known: Sequence[int], found: Sequence[Way | None] | None) -> dict[int, Way | None]:
    """Return the ways by index, without places so far from any road that roads say nothing about them."""
    told = zip(known, found or (), strict=found is not None)
    return {i: way for i, way in told if way is None or way.off_road_m <= 2 * OFF_ROAD_MOST_M}


@dataclass(slots=True)
class Roads:
    """The graph in use, looked up anew for each question: a new one is found as soon as it is there.

    `server` is an engine that someone else runs; with it the folder does not matter.
    """

    folder: Path
    server: Engine | None = None
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="roads")
    )
    _faults: set[bool] = field(default_factory=set)
    _graph: Graph | None = None
    _seen: Seen | None = None
    _closing: tuple[Graph, Sequence[Closed], Graph] | None = None

    def now(self, closed: Sequence[Closed] = ()) -> Graph | None:
        """Return the graph in use without what is closed; None without roads, whose times are then estimated.

        It is the same one as long as neither changes.
        """
        graph = self._in_use()
        if graph is None or not closed:
            return graph
        if self._closing is None or self._closing[0] is not graph or self._closing[1] != closed:
            self._closing = graph, closed, replace(graph, closures=Closures(closed))
        return self._closing[2]

    @property
    def failing(self) -> bool:
        """Whether the engine failed when it was last asked, so that travel is estimated."""
        return bool(self._faults)

    def _in_use(self) -> Graph | None:
        if self.server is not None:
            self._graph = self._graph or Graph(self.server, self.threads, faults=self._faults)
            return self._graph
        if self._seen != (seen := seen_of(self.folder)):
            self._graph, self._seen = self._open() if seen else None, seen
        return self._graph

    def close(self) -> None:
        if self.server is not None:
            self.server.close()
        self.threads.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> Graph | None:
        if installed() is None:
            return None
        try:
            info = GraphInfo.load(self.folder)
            if info is None:
                return None
            return Graph(EmbeddedEngine(graph_file(self.folder, info.version)), self.threads, info, faults=self._faults)
        except (EngineFault, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("roads_unreadable", fault=str(error))
            return None
