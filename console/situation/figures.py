"""Figures of the day for a wall: reports against earlier days, and how soon forces arrive. No personal data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Float, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.incidents.tables import Incident
from console.tasks.tables import Task

DAYS_BACK = (0, 1, 7)
"""Today, yesterday, and the same day of last week."""
ARRIVED_WITHIN = timedelta(hours=24)
QUANTILES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Span:
    """A time from `start`, not included, up to `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Minutes from registration to the first arrival at each of `n` incidents. None without any."""

    n: int
    median_minutes: float | None
    p90_minutes: float | None


def spans_to_compare(now: datetime, *, zone: ZoneInfo) -> list[Span]:
    """Return the same part of the local day of each of `DAYS_BACK`: from midnight to the time of `now`."""
    local = now.astimezone(zone)
    spans = []
    for back in DAYS_BACK:
        day = local.date() - timedelta(days=back)
        midnight = datetime.combine(day, time(), tzinfo=zone)
        spans.append(Span(midnight, datetime.combine(day, local.time(), tzinfo=zone)))
    return spans


async def reported_in(session: AsyncSession, spans: Sequence[Span]) -> list[int | None]:
    """Count the incidents reported in each span; None for one that began before the first report that is known.

    Records of the past count when they occurred, not when they were imported.
    """
    since = await session.scalar(select(func.min(Incident.occurred_at)))
    return [await _reported(session, span) if since is not None and since <= span.end else None for span in spans]


async def _reported(session: AsyncSession, span: Span) -> int:
    is_record = func.coalesce(Incident.closed_at < Incident.registered_at, False)
    as_record = and_(is_record, Incident.occurred_at > span.start, Incident.occurred_at <= span.end)
    # One that was reported in the span had occurred by its end; the index of that time narrows the search.
    in_time = and_(~is_record, Incident.registered_at > span.start, Incident.registered_at <= span.end)
    return await session.scalar(select(func.count()).select_from(Incident).where(or_(as_record, in_time))) or 0


async def arrivals(session: AsyncSession, *, now: datetime) -> Arrivals:
    """Measure the first arrivals of the last `ARRIVED_WITHIN`."""
    first = (
        select(func.min(Task.arrived_at).label("arrived_at"), Task.incident_id)
        .where(Task.arrived_at > now - ARRIVED_WITHIN, Task.arrived_at <= now)
        .group_by(Task.incident_id)
        .subquery("first")
    )
    minutes = cast(func.extract("epoch", first.c.arrived_at - Incident.registered_at) / 60, Float)
    quantiles = [func.percentile_cont(share).within_group(minutes) for share in QUANTILES]
    wanted = select(func.count(), *quantiles).select_from(first).join(Incident, Incident.id == first.c.incident_id)
    n, median, p90 = (await session.execute(wanted)).one()
    return Arrivals(n=n, median_minutes=median, p90_minutes=p90)
