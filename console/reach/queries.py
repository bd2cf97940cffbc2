"""Read who is on duty and where, the grids with the incidents of the last year, and places that residents come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.dispatching.statements import KNOWN
from console.dispatching.terms import DispatchTerms
from console.incidents.tables import Incident
from console.reach.rules import Origin, Place, Spot
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.divisions.terms import GRID
from layers.places.tables import Place as PlaceRow

PAST = timedelta(days=365)
ON_DUTY = text(f"""
WITH known AS MATERIALIZED (
    SELECT f.id, f.name, f.mode, f.duty, COALESCE(l.geom, f.home) AS place, l.at
    FROM forces f LEFT JOIN latest_fixes l ON l.force_id = f.id AND {KNOWN}
    WHERE f.duty <> 'off' AND (CAST(:kind AS text) IS NULL OR f.kind = :kind)
)
SELECT known.id, known.name, known.mode, known.duty, ST_X(known.place), ST_Y(known.place), known.at, r.attendance,
    r.answer_minutes, p.id IS NOT NULL AS is_hidden, known.id IN (SELECT busy_among(ARRAY(SELECT id FROM known)))
FROM known LEFT JOIN roster_among(ARRAY(SELECT id FROM known), :now) r ON r.force_id = known.id
LEFT JOIN presences p ON p.id = known.id AND p.state = 'background' AND known.at <= p.since
WHERE r.attendance IS DISTINCT FROM 'leave'
ORDER BY known.id
""")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Grids:
    """Grids on a day with their outlines, in the order of their codes, and the incidents that count with none."""

    spots: Sequence[Spot]
    outlines: Sequence[BaseGeometry]
    unplaced: int


async def origins_on_duty(
    session: AsyncSession, *, terms: DispatchTerms, now: datetime, kind: str | None = None
) -> list[Origin]:
    """List the forces within reach, of a kind or all, that could be asked now, by id: not off duty, not on leave.

    One on call answers within its roster's minutes, or those that the place states.
    """
    rows = await session.execute(
        ON_DUTY, {"kind": kind, "now": now, "fresh_since": now - timedelta(seconds=terms.stale_after_seconds)}
    )
    fresh = timedelta(seconds=terms.stale_after_seconds)
    found = []
    for force, name, mode, duty, lon, lat, at, attendance, answer, is_hidden, busy in rows:
        on_call = attendance == "on_call" or (attendance is None and duty == "on_call")
        wait = (terms.on_call if answer is None else answer) if on_call else 0.0
        sure = on_call if at is None else now - at <= fresh and not is_hidden
        road_mode, _ = terms.road_mode(mode)
        found.append(Origin(force, name, road_mode, lon, lat, wait, sure=sure, free=not busy))
    return found


async def read_grids(session: AsyncSession, *, day: date, now: datetime) -> Grids:
    """Read the grids within reach, each with the incidents of the last year that lie in it by their record."""
    inside = func.ST_PointOnSurface(Division.geom)
    rows = (
        await session.execute(
            select(
                Division.code,
                Division.name,
                cast(Division.division_path, Text),
                func.ST_X(inside),
                func.ST_Y(inside),
                func.ST_AsBinary(Division.geom),
            )
            .where(Division.level == GRID, on_day(day))
            .order_by(Division.code)
        )
    ).all()
    counted = await session.execute(
        select(Incident.grid_code, func.count())
        .where(Incident.occurred_at > now - PAST, Incident.duplicate_of_id.is_(None))
        .group_by(Incident.grid_code)
    )
    counts: dict[str | None, int] = dict(counted.all())
    spots = [Spot(code, name, path, lon, lat, counts.pop(code, 0)) for code, name, path, lon, lat, _ in rows]
    return Grids(spots, shapely.from_wkb([row[-1] for row in rows]).tolist(), sum(counts.values()))


async def read_places(session: AsyncSession) -> list[Place]:
    """List where the centres, stations and rooms within reach are that residents come to."""
    point = PlaceRow.geom
    rows = await session.execute(select(func.ST_X(point), func.ST_Y(point)).order_by(PlaceRow.id))
    return [(lon, lat) for lon, lat in rows]
