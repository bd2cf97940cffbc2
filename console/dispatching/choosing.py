"""Choose the forces of one proposal: price them, look for the ways of the likeliest, and assign all at once."""

from asyncio import to_thread
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import floor

from sqlalchemy.ext.asyncio import AsyncSession

from console.dispatching.answering import Responders, responders_to
from console.dispatching.by_road import BATCH, ByRoad
from console.dispatching.packages import Slot
from console.dispatching.pricing import Pool, Priced, Wanting, tenths
from console.dispatching.proposed import Card, Missing, Proposal, ProposalTerms, Proposed
from console.dispatching.proposing import Ask, Assignment, assign_all, one_by_one, total
from console.dispatching.rules import NO_WAY, Candidate, Ranked, cost_of_way, evaluate
from console.dispatching.statements import DISTANCES
from console.flow.terms import Role
from layers.roads.graph import Graph

MOST_BY_ROAD = 40
"""Incidents whose ways are looked for by road. Of more, all minutes are estimates: an answer shall not take long."""
MORE_BY_ROAD = 100
"""Forces beyond the nearest that roads may bring forward."""
ROUNDS = 4
"""How often ways are looked for, before the forces that would still be new keep their estimates."""
MOST_OTHERS = 6
"""Other forces that are listed for each that is proposed, to change it by hand."""
NEXT_BEST = ("busy", "on_leave", "off_duty", "sent", "declined", NO_WAY)
"""Codes of forces that would do but for the moment, the easiest to mend first."""
ELSEWHERE = "elsewhere"
"""Each force that would do is proposed for another, more urgent or farther from all others."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """One force that an incident asks for, with the forces that may be it."""

    wanting: Wanting
    slot: int
    wants: Slot
    tier: int
    priced: Priced
    near: Sequence[int]


class Choosing:
    """The choice for all incidents of one proposal."""

    def __init__(
        self,
        session: AsyncSession,
        pool: Pool,
        wanted: Sequence[tuple[Wanting, Card]],
        terms: ProposalTerms,
        *,
        graph: Graph | None,
        now: datetime,
    ) -> None:
        self._session, self._pool, self._terms, self._now = session, pool, terms, now
        self._wanted = wanted
        self._graph = graph if len(wanted) <= MOST_BY_ROAD else None
        self._wishes: list[_Wish] = []
        self._metres: dict[tuple[int, int], float] = {}
        self._known: dict[tuple[int, int], Candidate] = {}
        """Forces whose way to an incident was looked for."""

    async def choose(self, found: Proposal) -> None:
        """Add whom to send, who is missing, and both sums."""
        self._wishes = await to_thread(lambda: [*self._wishes_of(self._wanted)])
        if not self._wishes:
            return
        await self._measure()
        if self._graph is not None:
            await self._look_for_ways(self._graph)
        asks = await to_thread(self._asks, bound=False)
        best, greedy = await to_thread(assign_all, asks), await to_thread(one_by_one, asks)
        found.by_road = any(one.way is not None for one in self._known.values())
        found.total_minutes = total(asks, best.forces) / 10
        found.greedy_minutes, found.greedy_left = total(asks, greedy.forces) / 10, greedy.left
        self._add(found, asks, best)

    def _wishes_of(self, wanted: Sequence[tuple[Wanting, Card]]) -> Iterable[_Wish]:
        many = sum(one.lacking for _, card in wanted for one in card.filled)
        many += 0 if self._graph is None else MORE_BY_ROAD
        urgent = [*reversed(self._terms.risks)]
        for wanting, card in wanted:
            risk = urgent.index(wanting.risk) if wanting.risk in urgent else len(urgent)
            for slot, filled in enumerate(card.filled):
                if not filled.lacking:
                    continue
                wants = filled.slot
                priced = self._pool.price(wanting, wants, self._responders(wanting, wants))
                near = self._pool.nearest(wanting, priced.apart, many=many)
                tier = [*Role].index(wants.role) * (len(urgent) + 1) + risk
                for _ in range(filled.lacking):
                    yield _Wish(wanting, slot, wants, tier, priced, near)

    async def _measure(self) -> None:
        places = {wish.wanting.incident: (wish.wanting.lon, wish.wanting.lat) for wish in self._wishes}
        pairs = sorted({(wish.wanting.incident, force) for wish in self._wishes for force in wish.near})
        by_id = self._pool.by_id
        parameters = {
            "lons": [places[incident][0] for incident, _ in pairs],
            "lats": [places[incident][1] for incident, _ in pairs],
            "to_lons": [by_id[force].lon for _, force in pairs],
            "to_lats": [by_id[force].lat for _, force in pairs],
        }
        metres = await self._session.scalar(DISTANCES, parameters) if pairs else None
        self._metres = dict(zip(pairs, metres or [], strict=True))

    async def _look_for_ways(self, graph: Graph) -> None:
        """Look for the ways of the forces that can be chosen, until all who are chosen have theirs.

        A way that is not known costs the least that its distance takes. So the choice is that of all ways.
        """
        self._least = self._terms.dispatch.least(graph.motored_kmh)
        await self._look(graph, {wish.wanting.incident for wish in self._wishes}, also=set())
        for _ in range(ROUNDS):
            best = await to_thread(lambda: assign_all(self._asks(bound=True)))
            chosen = {
                (wish.wanting.incident, force)
                for wish, force in zip(self._wishes, best.forces, strict=True)
                if force is not None
            }
            new = chosen - self._known.keys()
            if not new:
                return
            await self._look(graph, {incident for incident, _ in new}, also=new)

    async def _look(self, graph: Graph, incidents: Collection[int], *, also: Collection[tuple[int, int]]) -> None:
        wanting = {wish.wanting.incident: wish.wanting for wish in self._wishes}
        likeliest: dict[int, dict[int, int]] = defaultdict(dict)
        for wish, ask in zip(self._wishes, self._asks(bound=True), strict=True):
            incident = wish.wanting.incident
            if incident in incidents:
                for force, cost in ask.options.items():
                    likeliest[incident][force] = min(cost, likeliest[incident].get(force, cost))
        for incident in sorted(incidents):
            fresh = sorted(
                ((incident, force) not in also, cost, force)
                for force, cost in likeliest[incident].items()
                if (incident, force) not in self._known
            )
            one = wanting[incident]
            roads = ByRoad(graph, (one.lon, one.lat), one.facts, self._terms.dispatch, self._now)
            found = await roads.with_ways([self._candidate(one, force) for _, _, force in fresh[:BATCH]])
            self._known.update({(incident, candidate.force): candidate for candidate in found})

    def _candidate(self, wanting: Wanting, force: int) -> Candidate:
        known = self._known.get((wanting.incident, force))
        if known is not None:
            return known
        return replace(
            self._pool.by_id[force],
            distance_m=self._metres[wanting.incident, force],
            recalled=force in wanting.recalled,
        )

    def _asks(self, *, bound: bool) -> list[Ask]:
        """Return the asks with the costs as far as they are known; with `bound`, the others at their least."""
        asks = []
        before: tuple[Priced, Ask] | None = None
        for wish in self._wishes:
            if before is not None and before[0] is wish.priced:
                asks.append(before[1])
                continue
            options = {}
            for force in wish.near:
                way = self._way(wish.wanting.incident, force, bound=bound)
                if way is not None:
                    options[force] = wish.priced.apart[force] + way
            asks.append(Ask(options, wish.tier))
            before = (wish.priced, asks[-1])
        return asks

    def _way(self, incident: int, force: int, *, bound: bool) -> int | None:
        """Return the tenths of minutes of a way, None where there is none."""
        known = self._known.get((incident, force))
        if known is not None:
            return None if known.no_way else tenths(cost_of_way(known, self._terms.dispatch))
        metres, mode = self._metres[incident, force], self._pool.by_id[force].mode
        if bound:
            return floor(10 * self._least(metres, mode)) - 1
        return tenths(round(self._terms.dispatch.minutes(metres, mode), 1))

    def _add(self, found: Proposal, asks: Sequence[Ask], best: Assignment) -> None:
        going = {force for force in best.forces if force is not None}
        together: dict[tuple[int, int], set[int]] = defaultdict(set)
        for wish, force in zip(self._wishes, best.forces, strict=True):
            if force is not None:
                together[wish.wanting.incident, wish.slot].add(force)
        for wish, ask, force, tied in zip(self._wishes, asks, best.forces, best.tied, strict=True):
            incident = wish.wanting.incident
            if force is None:
                found.missing.append(self._missing(wish, ask))
                continue
            others = sorted((cost, other) for other, cost in ask.options.items() if other not in going)[:MOST_OTHERS]
            found.proposed.append(
                Proposed(
                    incident,
                    wish.slot,
                    wish.wants.role,
                    ranked=self._ranked(wish, force),
                    tied=tuple(other for other in tied if other not in together[incident, wish.slot]),
                    others=tuple((self._pool.by_id[other], cost / 10) for cost, other in others),
                )
            )
        served = {one.incident for one in found.proposed}
        for one in found.missing:
            if one.incident not in served:
                found.unassigned.setdefault(one.incident, one.code)

    def _ranked(self, wish: _Wish, force: int) -> Ranked:
        facts = replace(wish.wanting.facts, responders=self._responders(wish.wanting, wish.wants))
        candidate = self._candidate(wish.wanting, force)
        return evaluate(facts, candidate, terms=self._terms.dispatch, now=self._now)

    def _responders(self, wanting: Wanting, wants: Slot) -> Responders:
        category = wanting.facts.category
        return responders_to(self._terms.answers, category=category, risk=wanting.risk, role=wants.role)

    def _missing(self, wish: _Wish, ask: Ask) -> Missing:
        why = Counter(wish.priced.barred)
        if ask.options:
            why[ELSEWHERE] += len(ask.options)
        elif lost := len(wish.near):
            why[NO_WAY] += lost
        codes = [code for code in (ELSEWHERE, *NEXT_BEST) if why[code]]
        rest = [code for code in why if code not in codes and code not in ("other_kind", "other_level")]
        code = codes[0] if codes else min(rest, default="no_such_force")
        return Missing(wish.wanting.incident, wish.slot, wish.wants.role, code, dict(sorted(why.items())))
