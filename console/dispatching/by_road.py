"""Ways by road for the candidates that can be among the first: their minutes are exact, and no other can be better."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from console.dispatching.bounds import least_cost
from console.dispatching.rules import Candidate, Doubt, IncidentFacts, Ranked, evaluate, exclusion_code, sort_key
from console.dispatching.terms import DispatchTerms
from geo.travel import ModeName, TravelTime
from layers.roads.graph import Graph
from layers.roads.rules import Place

BATCH = 24
"""Candidates whose ways are looked for together; a batch costs little more than one."""
SPARE = 4
"""Candidates beyond the limit whose ways are looked for first: some will prove to have none, or a long one."""


@dataclass(frozen=True)
class ByRoad:
    """Ways to one incident, all on one graph. Without a graph, every candidate keeps its estimate."""

    graph: Graph | None
    place: Place
    facts: IncidentFacts
    terms: DispatchTerms
    now: datetime
    _ranked: dict[int, Ranked] = field(default_factory=dict, init=False, repr=False, compare=False)
    """By `id` of the candidate, which it holds: each is ranked again with every batch of others."""

    def rank(self, candidates: Iterable[Candidate]) -> list[Ranked]:
        """Rank candidates as `rules.rank` does; each is evaluated once."""
        able = (one for one in candidates if exclusion_code(one, self.facts) is None)
        return sorted(map(self._evaluated, able), key=sort_key)

    def _evaluated(self, candidate: Candidate) -> Ranked:
        ranked = self._ranked.get(id(candidate))
        if ranked is None:
            ranked = evaluate(self.facts, candidate, terms=self.terms, now=self.now)
            self._ranked[id(candidate)] = ranked
        return ranked

    async def with_ways(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return the candidates with their ways, in the order given. Those who cannot be sent need none."""
        if self.graph is None:
            return [*candidates]
        by_mode: dict[ModeName, list[int]] = defaultdict(list)
        for i, candidate in enumerate(candidates):
            if exclusion_code(candidate, self.facts) is None:
                by_mode[self.terms.road_mode(candidate.mode)[0]].append(i)
        found = [*candidates]
        await asyncio.gather(*(self._fill(found, which, name) for name, which in by_mode.items()))
        return found

    @cached_property
    def least(self) -> TravelTime:
        """The least minutes that a straight distance takes: the estimate's where there is no graph."""
        return self.terms.minutes if self.graph is None else self.terms.least(self.graph.motored_kmh)

    async def some(self, candidates: Sequence[Candidate], *, limit: int) -> tuple[list[Candidate], list[Candidate]]:
        """Find the ways of those who are likely to be the first `limit`, and return them and the rest.

        The last of the first then bounds who else can be. Forces that were recalled are among them: they are listed
        wherever they rank. Those who cannot be sent are among the rest.
        """
        if self.graph is None:
            return [*candidates], []
        likely = [one.candidate for one in self.rank(candidates)]
        found = await self.with_ways([one for one in likely if one.recalled])
        likely = [one for one in likely if not one.recalled]
        while likely and sum(not one.no_way for one in found) < limit:
            batch, likely = likely[: limit + SPARE], likely[limit + SPARE :]
            found += await self.with_ways(batch)
        known = {one.force for one in found}
        return found, [one for one in candidates if one.force not in known]

    async def best(self, known: Sequence[Candidate], others: Sequence[Candidate], *, limit: int) -> list[Candidate]:
        """Return all who are known, who cannot be sent, and of `others` those who can be among the first `limit`.

        `known` have their ways. Those who could be better by the least that their distance takes are asked, the
        likeliest first, until the last of the first costs less than the least of any other.
        """
        if self.graph is None:
            return [*known, *others]
        able = [one for one in others if exclusion_code(one, self.facts) is None]
        waiting = self._likeliest(able)
        found = [*known]
        while waiting:
            first = self.rank(found)[:limit]
            batch = [one for key, one in waiting[-BATCH:] if len(first) < limit or key <= sort_key(first[-1])[:2]]
            if not batch:
                break
            del waiting[len(waiting) - len(batch) :]
            found += await self.with_ways(batch)
        unable = {one.force for one in others} - {one.force for one in able}
        return [*found, *(one for one in others if one.force in unable)]

    def _likeliest(self, able: Sequence[Candidate]) -> list[tuple[tuple[bool, float], Candidate]]:
        """Sort by the least that they cost, the likeliest last."""
        keyed = [(self._least(self._evaluated(one)), one) for one in able]
        return sorted(keyed, key=lambda pair: (pair[0], pair[1].force), reverse=True)

    def _least(self, ranked: Ranked) -> tuple[bool, float]:
        return ranked.stale, least_cost(ranked, terms=self.terms, least=self.least)

    async def _fill(self, found: list[Candidate], which: Sequence[int], name: ModeName) -> None:
        assert self.graph is not None
        places = [(found[i].lon, found[i].lat) for i in which]
        ways = await self.graph.ways(places, self.place, name=name, mode=self.terms.by_mode[name])
        if ways is None:
            doubt: Doubt = "closures" if self.graph.closures.to(name) else "roads"
            for i in which:
                found[i] = replace(found[i], doubt=doubt)
            return
        for at, way in ways.items():
            i = which[at]
            found[i] = replace(found[i], way=way, no_way=way is None)
