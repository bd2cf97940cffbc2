"""Ways round what is closed. Each is the best there is on the roads that are left.

To leave roads out costs the engine some milliseconds for each closed area. So ways are looked for on all roads first:
one that is too short to have come by a closed area is the best still. The others are looked for again, without the
areas that they could have come by, until none could have come by any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import chain, product
from math import inf
from typing import Protocol

from geo.travel import Mode, ModeName
from layers.roads.closing import (
    NOTHING_CLOSED,
    ClosedArea,
    End,
    Road,
    best_ends,
    ends_of,
    is_open,
    joined,
    shorter,
)
from layers.roads.rules import Place, Route, Way

NOT_SAID = Way(0.0, 0.0, off_road_m=inf)
"""Roads say nothing about a place where all roads around are closed."""


class OpenRoads(Protocol):
    """Roads without those that are closed. All raise `EngineFault`."""

    @property
    def motored_kmh(self) -> float: ...

    def open_ways(
        self, sources: Sequence[Place], targets: Sequence[Place], *, name: ModeName, mode: Mode, closed: ClosedArea
    ) -> list[Way | None]:
        """Find the ways between places whose roads are open, row by row."""
        ...

    def open_route(
        self, source: Place, target: Place, *, name: ModeName, mode: Mode, closed: ClosedArea
    ) -> Route | None:
        """Find one of them with its line."""
        ...

    def roads_near(self, places: Sequence[Place], *, name: ModeName, mode: Mode) -> list[list[Road]]:
        """Return the roads nearest to each place, open or closed."""
        ...


@dataclass(frozen=True, slots=True)
class Detours:
    """Ways of one mode round one closed area."""

    roads: OpenRoads
    closed: ClosedArea
    name: ModeName
    mode: Mode

    def ways(self, sources: Sequence[Place], targets: Sequence[Place]) -> list[Way | None]:
        """Find the ways from each source to each target, row by row."""
        found = self.roads.open_ways(sources, targets, name=self.name, mode=self.mode, closed=NOTHING_CLOSED)
        pairs = [*product(range(len(sources)), range(len(targets)))]
        kmh = self.closed.fastest(self.name, self.mode, motored=self.roads.motored_kmh)
        left_out: frozenset[int] = frozenset()
        while True:
            near = self.closed.near(
                sources, targets, [None if way is None else way.all_minutes for way in found], kmh=kmh
            )
            doubtful = [i for i in range(len(pairs)) if not near[i] <= left_out]
            if not doubtful:
                return found
            left_out |= frozenset().union(*(near[i] for i in doubtful))
            froms, tos = ([*dict.fromkeys(pairs[i][side] for i in doubtful)] for side in (0, 1))
            again = self._ways_without(left_out, [sources[i] for i in froms], [targets[j] for j in tos])
            by_pair = dict(zip(product(froms, tos), again, strict=True))
            for i in doubtful:
                found[i] = by_pair[pairs[i]]

    def route(self, source: Place, target: Place) -> Route | None:
        """Find a way with its line, None also for two in the same closed area, of whom one walks to the other."""
        found = self.roads.open_route(source, target, name=self.name, mode=self.mode, closed=NOTHING_CLOSED)
        left_out: frozenset[int] = frozenset()
        while found is not None:
            crossed = self.closed.crossed_by(found.line)
            if not crossed:
                return found
            if crossed <= left_out:
                return None
            left_out |= crossed
            found = self._route_without(left_out, source, target)
        return None

    def _ways_without(
        self, left_out: frozenset[int], sources: Sequence[Place], targets: Sequence[Place]
    ) -> list[Way | None]:
        closed = self.closed.only(left_out)
        starts, goals = self._ends(sources, closed, leaving=True), self._ends(targets, closed, leaving=False)
        pairs = self._between(starts, goals, closed)
        found: list[Way | None] = []
        for (source, firsts), (target, lasts) in product(
            zip(sources, starts, strict=True), zip(targets, goals, strict=True)
        ):
            on_foot = closed.on_foot(source, target)
            if firsts and lasts:
                found.append(reduce(shorter, (pairs[pair] for pair in product(firsts, lasts)), on_foot))
            else:
                found.append(on_foot or NOT_SAID)
        return found

    def _route_without(self, left_out: frozenset[int], source: Place, target: Place) -> Route | None:
        closed = self.closed.only(left_out)
        starts, goals = self._ends([source], closed, leaving=True), self._ends([target], closed, leaving=False)
        found = [(way, *pair) for pair, way in self._between(starts, goals, closed).items() if way]
        if not found:
            return None
        best, first, last = min(found, key=lambda one: one[0].all_minutes)
        if shorter(best, closed.on_foot(source, target)) is not best:
            return None
        between = self.roads.open_route(first.place, last.place, name=self.name, mode=self.mode, closed=closed)
        if between is None:
            return None
        line = (*first.line, *between.line, *last.line)
        return Route(joined(between.way, first, last), line, foot_before_m=first.foot_m, foot_after_m=last.foot_m)

    def _between(
        self, starts: Sequence[Sequence[End]], goals: Sequence[Sequence[End]], closed: ClosedArea
    ) -> Mapping[tuple[End, End], Way | None]:
        """Find the ways from each start to each goal, with what lies before and after."""
        firsts, lasts = ([*dict.fromkeys(chain(*ends))] for ends in (starts, goals))
        if not firsts or not lasts:
            return {}
        places = [[end.place for end in ends] for ends in (firsts, lasts)]
        ways = self.roads.open_ways(*places, name=self.name, mode=self.mode, closed=closed)
        return {pair: way and joined(way, *pair) for pair, way in zip(product(firsts, lasts), ways, strict=True)}

    def _ends(self, places: Sequence[Place], closed: ClosedArea, *, leaving: bool) -> list[list[End]]:
        """Find where ways from or to each place can begin or end; none where all roads around are closed."""
        motored = self.roads.motored_kmh
        going = partial(ends_of, closed=closed, leaving=leaving, name=self.name, mode=self.mode, motored=motored)
        ends = []
        for place, roads in zip(places, self._located(places), strict=True):
            if is_open(roads, closed):
                ends.append([End(place)])
            else:
                around = closed.around(place, roads)
                ends.append(best_ends(place, going(place, roads, chain(*self._located(around)))))
        return ends

    def _located(self, places: Sequence[Place]) -> list[list[Road]]:
        return self.roads.roads_near(places, name=self.name, mode=self.mode) if places else []
