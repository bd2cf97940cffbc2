"""Find the divisions that reports and incidents belong to, by their points on their days."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.incidents.register import local_day
from console.incidents.rules import Refusal, Report, outside_reason
from geo.store import lies_within
from layers.divisions.bulk import Boundaries
from layers.divisions.locks import hold_lines
from layers.divisions.queries import Located, at_path, locate
from layers.divisions.tables import Division


@dataclass(frozen=True, slots=True)
class Spot:
    """A point (longitude, latitude) at a moment."""

    point: tuple[float, float]
    at: datetime


class Occurrence(Protocol):
    """When something occurred, and when it was closed, if it is."""

    @property
    def occurred_at(self) -> datetime: ...

    @property
    def closed_at(self) -> datetime | None: ...


def line_moment(occurrence: Occurrence, *, now: datetime) -> datetime:
    """Return the moment whose lines an incident is on: now while it is open, else that of its occurrence."""
    return now if occurrence.closed_at is None else occurrence.occurred_at


async def locate_reports(
    session: AsyncSession,
    reports: Sequence[Report],
    *,
    zone: ZoneInfo,
    scope: str,
    now: datetime,
    boundaries: Boundaries | None = None,
) -> list[Located | Refusal]:
    """Locate each report within `scope`; else return the reason.

    An open one lies in the divisions of today, whose people will answer it, a closed one in those of the day on which
    it occurred. A report without a point belongs to the scope itself. See `locate_spots` for `boundaries`.
    """
    spots = {i: Spot(r.point, line_moment(r, now=now)) for i, r in enumerate(reports) if r.point is not None}
    places = await locate_spots(session, list(spots.values()), zone=zone, scope=scope, boundaries=boundaries)
    found = dict(zip(spots, places, strict=True))
    return [found.get(i) or Located(path=scope, codes={}) for i in range(len(reports))]


async def locate_spots(
    session: AsyncSession,
    spots: Sequence[Spot],
    *,
    zone: ZoneInfo,
    scope: str,
    boundaries: Boundaries | None = None,
) -> list[Located | Refusal]:
    """Locate points in the divisions of their days, within `scope`; else return the reason. Holds the lines.

    Days before the first boundaries count as that first day: old records use the oldest map. Many thousands are located
    faster over `boundaries` that were read before.
    """
    if not spots:
        return []
    await hold_lines(session)
    first = await session.scalar(select(func.min(Division.valid_from)).where(at_path(scope)))
    days = [local_day(spot.at, zone) for spot in spots]
    days = [max(day, first) if first else day for day in days]
    points = [spot.point for spot in spots]
    if boundaries:
        found = await asyncio.to_thread(boundaries.locate, points, days=days)
    else:
        found = await locate(session, points, days=days)
    places = [place if place and lies_within(place.path, scope) else None for place in found]
    swapped = await _swapped(session, points, places=places, days=days, scope=scope)
    return [place or outside_reason(points[i][1], swapped=i in swapped) for i, place in enumerate(places)]


async def _swapped(
    session: AsyncSession,
    points: Sequence[tuple[float, float]],
    *,
    places: Sequence[Located | None],
    days: Sequence[date],
    scope: str,
) -> set[int]:
    """Return the indexes of points outside all divisions that lie inside with longitude and latitude exchanged."""
    lost = [i for i, place in enumerate(places) if place is None]
    if not lost:
        return set()
    turned = await locate(session, [points[i][::-1] for i in lost], days=[days[i] for i in lost])
    return {i for i, place in zip(lost, turned, strict=True) if place and lies_within(place.path, scope)}
