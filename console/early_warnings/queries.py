"""Read what is judged, and what was found, within the caller's reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.early_warnings.rules import SCANNED_DAYS, DayCount, SourceShare
from console.early_warnings.tables import EarlyWarning, JudgedWeek, SpaceTimeCluster
from console.incidents.tables import Incident
from geo.cells import Cells, cells_around
from geo.errors import NotFound
from geo.rises import Counts
from geo.store import Ltree

_BY_DAY = text("""
    SELECT category, CAST(subpath(division_path, 0, least(nlevel(division_path), :depth)) AS text) AS path,
        CAST(occurred_at AT TIME ZONE :zone AS date) AS day, count(*) AS n
    FROM incidents
    WHERE merged_into_id IS NULL AND occurred_at >= :since AND occurred_at < :until
    GROUP BY 1, 2, 3
""")
_BY_SOURCE = text("""
    SELECT source, category, count(*) AS n, CAST(max(occurred_at) AT TIME ZONE :zone AS date) AS last
    FROM incidents WHERE merged_into_id IS NULL AND occurred_at >= :since AND occurred_at < :until GROUP BY 1, 2
""")
_BY_CELL = text("""
    SELECT array_agg(category), array_agg(cell), array_agg(CAST(occurred_at AT TIME ZONE :zone AS date) - :first)
    FROM incidents
    WHERE merged_into_id IS NULL AND cell IS NOT NULL AND occurred_at >= :since AND occurred_at < :until
""")
_BY_KIND = text("""
    SELECT category, count(*) FILTER (WHERE occurred_at >= :now_from),
        count(*) FILTER (WHERE occurred_at >= :before_from AND occurred_at < :now_from),
        count(*) FILTER (WHERE occurred_at >= :year_from AND occurred_at < :year_until)
    FROM incidents
    WHERE merged_into_id IS NULL AND division_path <@ CAST(:scope AS ltree)
        AND (occurred_at >= :before_from AND occurred_at < :until
            OR occurred_at >= :year_from AND occurred_at < :year_until)
    GROUP BY category
""")
TREND_DAYS = 28
YEAR_DAYS = 364
"""A year back to the same weekday."""


@dataclass(frozen=True, slots=True)
class KindTrend:
    """Incidents of a category in the last 28 days, in the 28 before them, and in the same 28 a year ago."""

    category: str
    now: int
    before: int
    year_ago: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Incidents with a place: each one's category, H3 cell of the asked resolution, and day from the first on."""

    categories: Sequence[str]
    cells: Cells
    days: Counts


def between(first: date, last: date, zone: ZoneInfo) -> dict[str, datetime]:
    """The moments of the days from `first` to `last`, both counted in."""
    return {
        "since": datetime.combine(first, time(), zone),
        "until": datetime.combine(last + timedelta(days=1), time(), zone),
    }


async def earliest_day(session: AsyncSession, zone: ZoneInfo) -> date | None:
    """The day of the first incident there is."""
    earliest = await session.scalar(select(func.min(Incident.occurred_at)))
    return None if earliest is None else earliest.astimezone(zone).date()


async def counts_by_day(
    session: AsyncSession, *, depth: int, first: date, last: date, zone: ZoneInfo
) -> list[DayCount]:
    """Count incidents by category, by division down to `depth` labels of the path, and by local day."""
    asked = {"depth": depth, "zone": zone.key, **between(first, last, zone)}
    return [DayCount(*row) for row in await session.execute(_BY_DAY, asked)]


async def shares_of_sources(session: AsyncSession, *, last: date, zone: ZoneInfo) -> list[SourceShare]:
    """Count what each source brought in the year up to `last`."""
    asked = {"zone": zone.key, **between(last - timedelta(days=YEAR_DAYS - 1), last, zone)}
    return [SourceShare(*row) for row in await session.execute(_BY_SOURCE, asked)]


async def placed_incidents(session: AsyncSession, *, res: int, last: date, zone: ZoneInfo) -> Placed:
    """Read where and when the incidents of the days that are searched for clusters occurred."""
    first = last - timedelta(days=SCANNED_DAYS - 1)
    asked = {"zone": zone.key, "first": first, **between(first, last, zone)}
    categories, cells, days = (await session.execute(_BY_CELL, asked)).one()
    around = cells_around(np.array(cells or (), dtype=np.int64), res)
    return Placed(categories or [], around, np.array(days or (), dtype=np.int64))


async def trends(session: AsyncSession, actor: Actor, *, scope: str, last: date, zone: ZoneInfo) -> list[KindTrend]:
    """Rank categories by their incidents of the last 28 days, the most frequent first. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    day = timedelta(days=1)
    until = datetime.combine(last + day, time(), zone)
    now_from = datetime.combine(last - (TREND_DAYS - 1) * day, time(), zone)
    asked = {
        "scope": scope,
        "until": until,
        "now_from": now_from,
        "before_from": datetime.combine(now_from.date() - TREND_DAYS * day, time(), zone),
        "year_from": datetime.combine(now_from.date() - YEAR_DAYS * day, time(), zone),
        "year_until": datetime.combine(until.date() - YEAR_DAYS * day, time(), zone),
    }
    found = [KindTrend(*row) for row in await session.execute(_BY_KIND, asked)]
    return sorted(found, key=lambda kind: (-kind.now, kind.category))


async def last_judged(session: AsyncSession) -> JudgedWeek | None:
    """The last week that was judged, for callers that see the whole county."""
    found: JudgedWeek | None = await session.scalar(select(JudgedWeek).order_by(JudgedWeek.week_end.desc()).limit(1))
    return found


async def list_warnings(session: AsyncSession, actor: Actor, *, scope: str, since: date) -> Sequence[EarlyWarning]:
    """List the rises of weeks that ended on `since` or later, in a division and below: the latest weeks first, in each
    those that are told before the rest of the list. Raises `Forbidden`.
    """
    actor.require(Permission.READ_INCIDENTS)
    wanted = select(EarlyWarning).where(
        EarlyWarning.week_end >= since, EarlyWarning.division_path.op("<@")(cast(scope, Ltree))
    )
    found = await session.scalars(
        wanted.order_by(EarlyWarning.week_end.desc(), EarlyWarning.told.desc(), EarlyWarning.q, EarlyWarning.id)
    )
    return found.all()


async def list_clusters(session: AsyncSession, actor: Actor, *, week_end: date) -> Sequence[SpaceTimeCluster]:
    """List the clusters of a week, the least likely by chance first. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    wanted = select(SpaceTimeCluster).where(SpaceTimeCluster.week_end == week_end)
    return (await session.scalars(wanted.order_by(SpaceTimeCluster.p, SpaceTimeCluster.id))).all()


async def find_warning(session: AsyncSession, warning_id: int) -> EarlyWarning:
    """Return a warning within reach. Raises `NotFound`."""
    found: EarlyWarning | None = await session.get(EarlyWarning, warning_id)
    if found is None:
        raise NotFound
    return found


async def incidents_of(
    session: AsyncSession, actor: Actor, warning: EarlyWarning, *, zone: ZoneInfo
) -> Sequence[Incident]:
    """The incidents that a warning counts, the latest first. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    first = warning.week_end - timedelta(days=7 * warning.weeks - 1)
    span = between(first, warning.week_end, zone)
    wanted = select(Incident).where(
        Incident.merged_into_id.is_(None),
        Incident.category == warning.category,
        Incident.occurred_at >= span["since"],
        Incident.occurred_at < span["until"],
        Incident.division_path.op("<@")(cast(warning.division_path, Ltree)),
    )
    return (await session.scalars(wanted.order_by(Incident.occurred_at.desc(), Incident.id.desc()))).all()
