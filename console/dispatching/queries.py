"""Find the forces near an incident, and whether they may go and are free; `rules` ranks them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import TextClause
from sqlalchemy.ext.asyncio import AsyncSession

from console.dispatching.answering import Responders
from console.dispatching.bounds import OF_CATEGORY, OF_CLASS, POSTED, max_distances
from console.dispatching.by_road import ByRoad
from console.dispatching.rules import (
    NO_WAY,
    Candidate,
    IncidentFacts,
    Ranked,
    blocked_code,
    evaluate,
    exclusion_code,
    first_of,
    rank,
)
from console.dispatching.statements import FIRST_OF, ONE_FACTS, PLANNED_ANEW, WITHIN_OF
from console.dispatching.terms import DispatchTerms
from console.incidents.events import place_of
from console.incidents.tables import Incident
from geo.travel import box_around
from layers.roads.graph import Graph
from layers.roads.rules import Route

SPARE_CANDIDATES = 20
"""Forces read beyond the limit in the first query: some will be busy, or unsuitable for the incident."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which forces to list: those with `words` in their name, code or organisation, and those of a kind. None: all."""

    words: str | None = None
    kind: str | None = None

    @property
    def everybody(self) -> bool:
        return self.words is None and self.kind is None


EVERYBODY = Wanted()


@dataclass(frozen=True, slots=True)
class Excluded:
    """A force that cannot be sent, and the code of the reason."""

    force: int
    name: str
    code: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Forces that can be sent to an incident, best first, and those that cannot, nearest first."""

    candidates: Sequence[Ranked]
    excluded: Sequence[Excluded]


async def candidates_for(
    session: AsyncSession,
    incident: Incident,
    *,
    terms: DispatchTerms,
    limit: int,
    now: datetime,
    responders: Responders | None = None,
    wanted: Wanted = EVERYBODY,
    graph: Graph | None = None,
) -> Choice:
    """Rank the best `limit` forces within the transaction's reach, and list up to as many near ones that cannot go.

    Each force is in one list at most, and those that were sent to the incident before are in one of them. The nearest
    are ranked first. The last of the best `limit` gives the maximum distance of any better one, and all forces within
    it are ranked next: the result equals a ranking of all forces. On a road graph, the travel of each listed force is
    that of its way, and the bound is what the straight distance takes at least.
    """
    facts = facts_of(incident, responders)
    roads = ByRoad(graph, place_of(incident), facts, terms, now)
    parameters = _parameters(incident, terms=terms, now=now) | _among(facts, wanted)
    nearest, within = _statements(facts, wanted)
    await session.execute(PLANNED_ANEW)
    near = await _read_candidates(session, nearest, parameters | {"near": limit + SPARE_CANDIDATES, "barred": limit})
    read = {one.force: one for one in near}
    known, rest = await roads.some([*read.values()], limit=limit)
    ranked = roads.rank(known)
    metres = max_distances(facts, ranked, terms=terms, limit=limit, travel=roads.least)
    reach = _reach(facts, parameters, metres)
    others = await _read_candidates(session, within, parameters | reach | {"known": [*read]})
    found = await roads.best(known, [*rest, *others], limit=limit)
    return Choice(candidates=first_of(roads.rank(found), limit=limit), excluded=_excluded(facts, found)[:limit])


async def find_candidate(
    session: AsyncSession,
    incident: Incident,
    force_id: int,
    *,
    terms: DispatchTerms,
    now: datetime,
    responders: Responders | None = None,
    graph: Graph | None = None,
) -> Choice:
    """Return the one force, in the list where it belongs. Both are empty for one beyond the transaction's reach."""
    facts = facts_of(incident, responders)
    parameters = _parameters(incident, terms=terms, now=now) | {"force": force_id}
    roads = ByRoad(graph, place_of(incident), facts, terms, now)
    found = await roads.with_ways(await _read_candidates(session, ONE_FACTS, parameters))
    return Choice(candidates=rank(facts, found, terms=terms, now=now), excluded=_excluded(facts, found))


async def route_for(
    session: AsyncSession,
    incident: Incident,
    force_id: int,
    *,
    terms: DispatchTerms,
    graph: Graph | None,
    now: datetime,
) -> Route | None:
    """Return the way by road of a force to an incident with its line; None where none is known, or nobody reached."""
    if graph is None or incident.geom is None:
        return None
    rows = await session.execute(ONE_FACTS, {**_parameters(incident, terms=terms, now=now), "force": force_id})
    found = rows.first()
    if found is None:
        return None
    candidate = candidate_of(found)
    name, mode = terms.road_mode(candidate.mode)
    return await graph.route((candidate.lon, candidate.lat), place_of(incident), name=name, mode=mode)


def _statements(facts: IncidentFacts, wanted: Wanted) -> tuple[TextClause, TextClause]:
    """Return the queries of the nearest and of all others."""
    some_may = bool(facts.responders and facts.responders.lists is not None)
    key = some_may, not wanted.everybody
    return FIRST_OF[key], WITHIN_OF[key]


def _excluded(facts: IncidentFacts, found: Iterable[Candidate]) -> list[Excluded]:
    """List those that cannot be sent: first those that were sent before, then those that only cannot now."""
    coded = [(one, code) for one in found if (code := exclusion_code(one, facts))]
    coded.sort(key=lambda pair: (_rank_of(pair[1]), pair[0].distance_m, pair[0].force))
    return [Excluded(force=one.force, name=one.name, code=code, kind=one.kind) for one, code in coded]


def _rank_of(code: str) -> int:
    return 0 if code in ("sent", "declined") else 1 if code in ("busy", "on_leave", "off_duty", NO_WAY) else 2


def _among(facts: IncidentFacts, wanted: Wanted) -> dict[str, Any]:
    """Parameters of MAY and WANTED."""
    responders = facts.responders
    words = wanted.words and re.sub(r"([\\%_])", r"\\\1", wanted.words)
    return {
        "kinds": responders.kinds(None) if responders else [],
        "class_kinds": responders.kinds("class") if responders else [],
        "category_kinds": responders.kinds("category") if responders else [],
        "category": [facts.category],
        "specialities": sorted(facts.specialities),
        "like": None if words is None else f"%{words}%",
        "kind": wanted.kind,
    }


async def _read_candidates(session: AsyncSession, facts: TextClause, parameters: Mapping[str, Any]) -> list[Candidate]:
    return [candidate_of(row) for row in await session.execute(facts, parameters)]


def _reach(facts: IncidentFacts, parameters: Mapping[str, Any], metres: Mapping[str, float]) -> dict[str, Any]:
    lon, lat = parameters["lon"], parameters["lat"]
    sides = ("west", "south", "east", "north")
    box = box_around(lon, lat, max(metres.values(), default=0.0))
    others = (m for sort, m in metres.items() if not any(mark in sort for mark in (OF_CATEGORY, OF_CLASS, POSTED)))
    core = box_around(lon, lat, max(others, default=0.0))
    return {
        **dict(zip(sides, box, strict=True)),
        **{f"core_{side}": degrees for side, degrees in zip(sides, core, strict=True)},
        "metres": orjson.dumps(metres).decode(),
        "divisions": [f"*.{code}.*" for code in (facts.grid_code, facts.village_code) if code],
    }


async def evaluate_force(
    session: AsyncSession,
    incident: Incident,
    force_id: int,
    *,
    terms: DispatchTerms,
    now: datetime,
    responders: Responders | None = None,
    graph: Graph | None = None,
) -> tuple[Ranked, str | None]:
    """Compute the cost of sending this force, which must be within reach; and the code if it may not be sent.

    Where no way is known its travel is estimated: whoever sends it knows a way.
    """
    facts = facts_of(incident, responders)
    rows = await session.execute(ONE_FACTS, {**_parameters(incident, terms=terms, now=now), "force": force_id})
    roads = ByRoad(graph, place_of(incident), facts, terms, now)
    (candidate,) = await roads.with_ways([candidate_of(rows.one())])
    return evaluate(facts, candidate, terms=terms, now=now), blocked_code(candidate, facts)


def _parameters(incident: Incident, *, terms: DispatchTerms, now: datetime) -> dict[str, Any]:
    lon, lat = place_of(incident)
    return {
        "lon": lon,
        "lat": lat,
        "incident": incident.id,
        "fresh_since": stale_before(terms, now=now),
        "day_ago": now - DAY,
        "now": now,
    }


def stale_before(terms: DispatchTerms, *, now: datetime) -> datetime:
    """Return the moment before which a position is stale."""
    return now - timedelta(seconds=terms.stale_after_seconds)


def facts_of(incident: Incident, responders: Responders | None = None) -> IncidentFacts:
    """Return the fields of an incident that the ranking uses."""
    return IncidentFacts(
        category=incident.category,
        grid_code=incident.grid_code,
        village_code=incident.village_code,
        language=incident.language,
        responders=responders,
    )


def candidate_of(row: Sequence[Any]) -> Candidate:
    """Build a candidate from a row of FACTS, by position, since each ranking builds hundreds."""
    force, name, kind, mode, duty, specialities, languages, path, *as_it_stands = row
    posted = (force, name, kind, mode, duty, tuple(specialities), tuple(languages), path)
    return Candidate(*posted, *as_it_stands)
