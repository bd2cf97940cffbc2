"""Who is near an incident and who of them is free, read in two round trips and ranked by `rules`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console.dispatching.rules import Candidate, Matter, Ranked, Terms, appraise, rank, why_not
from console.incidents.events import location_of
from console.incidents.tables import Incident

NEAR = 150
"""So many nearest by fix, and as many by home post, are ranked: who is farther loses to them by travel alone."""
NEAR_OFF_DUTY = 20
DAY = timedelta(days=1)

SPOT = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
KNOWN = "(f.duty = 'on' OR l.at >= :fresh_since)"
"""A fix says where a force is if it is on duty. On call or off, one is at home, unless the device has just told."""

NEAREST = f"""
SELECT f.id AS force_id, l.geom AS place, l.at AS fix_at
FROM (SELECT force_id, geom, at FROM latest_fixes ORDER BY geom <-> {SPOT} LIMIT {NEAR}) l
JOIN forces f ON f.id = l.force_id
WHERE {KNOWN}
UNION ALL
SELECT f.id, f.home, NULL
FROM (SELECT id, home, duty FROM forces WHERE duty <> 'off' ORDER BY home <-> {SPOT} LIMIT {NEAR}) f
WHERE NOT EXISTS (SELECT FROM latest_fixes l WHERE l.force_id = f.id AND {KNOWN})
UNION ALL
SELECT f.id, f.home, NULL
FROM (SELECT id, home FROM forces WHERE duty = 'off' ORDER BY home <-> {SPOT} LIMIT {NEAR_OFF_DUTY}) f
"""  # noqa: S608
"""Force, place and time of its fix. Each limit comes before any join, so that the nearest are all that is read, and is
written out, so that the planner knows how few they are."""

ONE = f"""
SELECT f.id AS force_id, COALESCE(l.geom, f.home) AS place, l.at AS fix_at
FROM forces f LEFT JOIN latest_fixes l ON l.force_id = f.id AND {KNOWN}
WHERE f.id = :force
"""  # noqa: S608

FACTS = f"""
SELECT f.id AS force, f.name, f.kind, f.mode, f.duty, f.specialities, f.languages,
       f.division_path::text AS division_path,
       ST_Distance(n.place::geography, {SPOT}::geography) AS distance_m, n.fix_at,
       past.tasks_today, past.free_since,
       f.id IN (SELECT t.force_id FROM tasks t WHERE t.incident_id = :incident AND t.status = 'declined') AS declined
FROM (%s) n
JOIN forces f ON f.id = n.force_id
CROSS JOIN LATERAL (
    SELECT count(*)::int AS tasks_today, max(t.ended_at) AS free_since
    FROM tasks t WHERE t.force_id = f.id AND t.assigned_at > :day_ago
) past
"""  # noqa: S608
BUSY = text("SELECT busy_among(CAST(:forces AS bigint[]))")
NEAREST_FACTS = text(FACTS % NEAREST)
ONE_FACTS = text(FACTS % ONE)


@dataclass(frozen=True, slots=True)
class Excluded:
    """A near force that cannot go, and the code of why."""

    force: int
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom one can send to an incident, best first, and who is near but cannot go, nearest first."""

    candidates: Sequence[Ranked]
    excluded: Sequence[Excluded]


async def candidates_for(
    session: AsyncSession, incident: Incident, *, terms: Terms, limit: int, now: datetime
) -> Choice:
    """The best `limit` forces within the transaction's reach, and up to as many that are near and cannot go."""
    rows = (await session.execute(NEAREST_FACTS, _question(incident, terms=terms, now=now))).all()
    busy = set(await session.scalars(BUSY, {"forces": [row.force for row in rows]}))
    found = [_candidate(row, busy=row.force in busy) for row in rows]
    ranked = rank(_matter(incident), found, terms=terms, now=now)
    unable = sorted((c for c in found if why_not(c)), key=lambda c: (c.distance_m, c.force))
    excluded = [Excluded(force=c.force, name=c.name, code=why_not(c) or "") for c in unable]
    return Choice(candidates=ranked[:limit], excluded=excluded[:limit])


async def appraise_one(
    session: AsyncSession, incident: Incident, force_id: int, *, terms: Terms, now: datetime
) -> Ranked:
    """What it costs to send this force, which the transaction must see. Whether it is free is not asked."""
    rows = await session.execute(ONE_FACTS, {**_question(incident, terms=terms, now=now), "force": force_id})
    return appraise(_matter(incident), _candidate(rows.one(), busy=False), terms=terms, now=now)


def _question(incident: Incident, *, terms: Terms, now: datetime) -> dict[str, Any]:
    lon, lat = location_of(incident)
    return {
        "lon": lon,
        "lat": lat,
        "incident": incident.id,
        "fresh_since": now - timedelta(seconds=terms.weights.stale_after_seconds),
        "day_ago": now - DAY,
    }


def _matter(incident: Incident) -> Matter:
    return Matter(category=incident.category, grid_code=incident.grid_code, village_code=incident.village_code)


def _candidate(row: Sequence[Any], *, busy: bool) -> Candidate:
    """A row of FACTS, whose columns stand in the order of the fields: hundreds are made for every question."""
    force, name, kind, mode, duty, specialities, languages, *rest, declined = row
    return Candidate(force, name, kind, mode, duty, tuple(specialities), tuple(languages), *rest, busy, declined)
