"""Locate reports in the divisions of their days."""

import asyncio
from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.incidents.register import local_day
from console.incidents.rules import Refusal, Report, outside_reason
from geo.store import lies_within
from layers.divisions.bulk import Boundaries
from layers.divisions.queries import Located, at_path, locate
from layers.divisions.tables import Division


async def locate_reports(
    session: AsyncSession,
    reports: Sequence[Report],
    *,
    zone: ZoneInfo,
    scope: str,
    boundaries: Boundaries | None = None,
) -> list[Located | Refusal]:
    """Locate each report in the divisions of its day, within `scope`; else return the reason.

    Days before the first boundaries count as that first day: old records use the oldest map. Many thousands are located
    faster over `boundaries` that were read before.
    """
    first = await session.scalar(select(func.min(Division.valid_from)).where(at_path(scope)))
    days = [local_day(report.occurred_at, zone) for report in reports]
    days = [max(day, first) if first else day for day in days]
    points = [(report.lon, report.lat) for report in reports]
    if boundaries:
        found = await asyncio.to_thread(boundaries.locate, points, days=days)
    else:
        found = await locate(session, points, days=days)
    places = [place if place and lies_within(place.path, scope) else None for place in found]
    swapped = await _swapped(session, reports, places=places, days=days, scope=scope)
    return [place or outside_reason(reports[i], swapped=i in swapped) for i, place in enumerate(places)]


async def _swapped(
    session: AsyncSession,
    reports: Sequence[Report],
    *,
    places: Sequence[Located | None],
    days: Sequence[date],
    scope: str,
) -> set[int]:
    """Return the indexes of reports outside all divisions that lie inside with longitude and latitude exchanged."""
    lost = [i for i, place in enumerate(places) if place is None]
    if not lost:
        return set()
    turned = await locate(session, [(reports[i].lat, reports[i].lon) for i in lost], days=[days[i] for i in lost])
    return {i for i, place in zip(lost, turned, strict=True) if place and lies_within(place.path, scope)}
