"""Find the forces near an incident and whether they are free, in two round trips; `rules` ranks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.dispatching.rules import (
    MATCHING,
    POSTED,
    Candidate,
    IncidentFacts,
    Ranked,
    evaluate,
    exclusion_code,
    max_distances,
    rank,
    sort_key,
)
from console.dispatching.terms import DispatchTerms
from console.incidents.events import place_of
from console.incidents.tables import Incident
from geo.travel import box_around

SPARE_CANDIDATES = 20
"""Forces read beyond the limit in the first query: some will be busy, or unsuitable for the incident."""
DAY = timedelta(days=1)

IS_MATCHING = "f.specialities && CAST(:specialities AS text[])"
IS_POSTED = "f.division_path ? CAST(:divisions AS lquery[])"
KIND = f"""
CASE WHEN {IS_MATCHING} THEN '{MATCHING}' ELSE '' END || CASE WHEN {IS_POSTED} THEN '{POSTED}' ELSE '' END"""
METRES = "CAST(:metres AS jsonb)"
REACHED = f"CAST(COALESCE({METRES} ->> (f.mode || {KIND}), {METRES} ->> ({KIND})) AS float8)"
SPOT = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
KNOWN = "(f.duty = 'on' OR l.at >= :fresh_since)"
"""Use the fix of a force on duty. On call or off duty it counts as at home, unless the fix is fresh."""

NEAREST = f"""
SELECT f.id AS force_id, l.geom AS place, l.at AS fix_at, l.accuracy_m
FROM (SELECT force_id, geom, at, accuracy_m FROM latest_fixes ORDER BY geom <-> {SPOT} LIMIT :near) l
JOIN forces f ON f.id = l.force_id
WHERE f.duty <> 'off' AND {KNOWN}
UNION ALL
SELECT f.id, f.home, NULL, NULL
FROM (SELECT id, home, duty FROM forces WHERE duty <> 'off' ORDER BY home <-> {SPOT} LIMIT :near) f
WHERE NOT EXISTS (SELECT FROM latest_fixes l WHERE l.force_id = f.id AND {KNOWN})
UNION ALL
SELECT f.id, f.home, NULL, NULL
FROM (SELECT id, home FROM forces WHERE duty = 'off' ORDER BY home <-> {SPOT} LIMIT :near) f
"""  # noqa: S608
"""Force, place, time and accuracy of its fix. Each limit precedes any join, so that only the nearest are read. A force
off duty is taken from its home alone, whatever its last fix: in two branches it would appear twice."""

BOX = "ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
CORE = "ST_MakeEnvelope(:core_west, :core_south, :core_east, :core_north, 4326)"
ELIGIBLE = (
    f"f.duty <> 'off' AND f.id <> ALL(CAST(:known AS bigint[])) AND (%s && {CORE} OR {IS_MATCHING} OR {IS_POSTED})"
)
WITHIN = f"""
SELECT f.id AS force_id, l.geom AS place, l.at AS fix_at, l.accuracy_m
FROM latest_fixes l CROSS JOIN LATERAL (SELECT * FROM forces WHERE id = l.force_id OFFSET 0) f
WHERE l.geom && {BOX} AND {ELIGIBLE % "l.geom"} AND {KNOWN}
    AND ST_Distance(l.geom::geography, {SPOT}::geography) <= {REACHED}
UNION ALL
SELECT f.id, f.home, NULL, NULL
FROM forces f
WHERE f.home && {BOX} AND {ELIGIBLE % "f.home"}
    AND ST_Distance(f.home::geography, {SPOT}::geography) <= {REACHED}
    AND NOT EXISTS (SELECT FROM latest_fixes l WHERE l.force_id = f.id AND {KNOWN})
"""  # noqa: S608
"""The same columns for all other forces that may rank among the best, by the maximum distance of their mode. Outside
the core box only forces of a matching speciality, grid or village are examined: a distance costs as much as the rest
together. OFFSET 0 makes the planner look up a force by its fix, instead of reading all forces through their policy."""

ONE = f"""
SELECT f.id AS force_id, COALESCE(l.geom, f.home) AS place, l.at AS fix_at, l.accuracy_m
FROM forces f LEFT JOIN latest_fixes l ON l.force_id = f.id AND {KNOWN}
WHERE f.id = :force
"""  # noqa: S608

FACTS = f"""
WITH n AS MATERIALIZED (%s)
SELECT f.id AS force, f.name, f.kind, f.mode, f.duty, f.specialities, f.languages,
       f.division_path::text AS division_path,
       ST_Distance(n.place::geography, {SPOT}::geography) AS distance_m, n.fix_at, n.accuracy_m,
       past.tasks_today, past.free_since, f.id IN (SELECT busy_among(ARRAY(SELECT force_id FROM n))) AS busy,
       f.id IN (SELECT t.force_id FROM tasks t WHERE t.incident_id = :incident AND t.status = 'declined') AS declined,
       f.id IN (SELECT t.force_id FROM tasks t WHERE t.incident_id = :incident AND t.active) AS sent
FROM n
JOIN forces f ON f.id = n.force_id
CROSS JOIN LATERAL (
    SELECT count(*)::int AS tasks_today, max(t.ended_at) AS free_since
    FROM tasks t WHERE t.force_id = f.id AND t.assigned_at > :day_ago
) past
"""  # noqa: S608
NEAREST_FACTS = text(FACTS % NEAREST)
WITHIN_FACTS = text(FACTS % WITHIN)
ONE_FACTS = text(FACTS % ONE)


@dataclass(frozen=True, slots=True)
class Excluded:
    """A near force that cannot be sent, and the code of the reason."""

    force: int
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Forces that can be sent to an incident, best first, and near ones that cannot, nearest first."""

    candidates: Sequence[Ranked]
    excluded: Sequence[Excluded]


async def candidates_for(
    session: AsyncSession, incident: Incident, *, terms: DispatchTerms, limit: int, now: datetime
) -> Choice:
    """Rank the best `limit` forces within the transaction's reach, and list up to as many near ones that cannot go.

    The nearest are ranked first. The last of the best `limit` gives the maximum distance of any better one, and all
    forces within it are ranked next: the result equals a ranking of all forces.
    """
    facts, parameters = _facts_of(incident), _parameters(incident, terms=terms, now=now)
    near = await _read_candidates(session, NEAREST_FACTS, parameters | {"near": limit + SPARE_CANDIDATES})
    nearest = rank(facts, near, terms=terms, now=now)
    reach = _reach(facts, parameters, max_distances(facts, nearest, terms=terms, limit=limit))
    others = await _read_candidates(session, WITHIN_FACTS, parameters | reach | {"known": [c.force for c in near]})
    ranked = sorted([*nearest, *rank(facts, others, terms=terms, now=now)], key=sort_key)
    unable = sorted((c for c in (*near, *others) if exclusion_code(c)), key=lambda c: (c.distance_m, c.force))
    excluded = [Excluded(force=c.force, name=c.name, code=exclusion_code(c) or "") for c in unable]
    return Choice(candidates=ranked[:limit], excluded=excluded[:limit])


async def _read_candidates(session: AsyncSession, facts: TextClause, parameters: Mapping[str, Any]) -> list[Candidate]:
    return [_candidate(row) for row in await session.execute(facts, parameters)]


def _reach(facts: IncidentFacts, parameters: Mapping[str, Any], metres: Mapping[str, float]) -> dict[str, Any]:
    lon, lat = parameters["lon"], parameters["lat"]
    sides = ("west", "south", "east", "north")
    box = box_around(lon, lat, max(metres.values()))
    core = box_around(lon, lat, max(m for kind, m in metres.items() if MATCHING not in kind and POSTED not in kind))
    return {
        **dict(zip(sides, box, strict=True)),
        **{f"core_{side}": degrees for side, degrees in zip(sides, core, strict=True)},
        "metres": orjson.dumps(metres).decode(),
        "specialities": sorted(facts.specialities),
        "divisions": [f"*.{code}.*" for code in (facts.grid_code, facts.village_code) if code],
    }


async def evaluate_force(
    session: AsyncSession, incident: Incident, force_id: int, *, terms: DispatchTerms, now: datetime
) -> Ranked:
    """Compute the cost of sending this force, which must be within reach. Does not check whether it is free."""
    rows = await session.execute(ONE_FACTS, {**_parameters(incident, terms=terms, now=now), "force": force_id})
    return evaluate(_facts_of(incident), _candidate(rows.one()), terms=terms, now=now)


def _parameters(incident: Incident, *, terms: DispatchTerms, now: datetime) -> dict[str, Any]:
    lon, lat = place_of(incident)
    return {
        "lon": lon,
        "lat": lat,
        "incident": incident.id,
        "fresh_since": now - timedelta(seconds=terms.stale_after_seconds),
        "day_ago": now - DAY,
    }


def _facts_of(incident: Incident) -> IncidentFacts:
    return IncidentFacts(
        category=incident.category,
        grid_code=incident.grid_code,
        village_code=incident.village_code,
        language=incident.language,
    )


def _candidate(row: Sequence[Any]) -> Candidate:
    """Build a candidate from a row of FACTS, by position, since each ranking builds hundreds."""
    force, name, kind, mode, duty, specialities, languages, path, *as_it_stands = row
    posted = (force, name, kind, mode, duty, tuple(specialities), tuple(languages), path)
    return Candidate(*posted, *as_it_stands)
