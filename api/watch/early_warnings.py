"""Judging each whole week, once it is over: what rises above its own past, and where incidents cluster."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import text

from api.watch.loops import AFTER_SCREENS_SECONDS, Loop
from console.clocks.walking import WorkedTimes
from console.early_warnings.actions import keep_week
from console.early_warnings.clusters import FoundCluster, find_clusters
from console.early_warnings.queries import (
    Placed,
    counts_by_day,
    earliest_day,
    last_judged,
    placed_incidents,
    shares_of_sources,
)
from console.early_warnings.rules import (
    SCANNED_DAYS,
    Series,
    Week,
    first_monday,
    judge_week,
    last_sunday,
    series_of,
    silent,
)
from geo.store import Reach, Store

PASS_SECONDS = 300.0
SCAN_RESOLUTION = 8
"""H3 cells of about 0.7 km²: the smallest circle of a cluster."""
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('maplebridge.early_warnings', 0))")


def watch_early_warnings(
    store: Store, times: WorkedTimes, *, root: Reach, depth: int, zone: ZoneInfo, now: Callable[[], datetime]
) -> Loop:
    """A loop that judges the last whole week unless it has been. `depth` labels of a path lead to a town."""

    async def step() -> None:
        await judge_last_week(store, times, root=root, depth=depth, zone=zone, now=now())

    return Loop("early_warnings", step, rest_s=PASS_SECONDS, first_s=AFTER_SCREENS_SECONDS)


async def judge_last_week(
    store: Store, times: WorkedTimes, *, root: Reach, depth: int, zone: ZoneInfo, now: datetime
) -> Week | None:
    """Judge the last whole week of the whole county; None if it has been judged, or there is no whole week yet.

    Counts are read at once, judged in a thread without a connection, and kept in a transaction of their own.
    """
    last = last_sunday(now.astimezone(zone).date())
    async with store.transaction(root) as session:
        judged = await last_judged(session)
        first = first_monday(await earliest_day(session, zone), last)
        if first is None or (judged is not None and judged.week_end >= last):
            return None
        rows = await counts_by_day(session, depth=depth, first=first, last=last, zone=zone)
        shares = await shares_of_sources(session, last=last, zone=zone)
        placed = await placed_incidents(session, res=SCAN_RESOLUTION, last=last, zone=zone)
    series = series_of(rows, depth=depth, first=first, last=last)
    working = np.array([times.calendar.kind(day).is_worked for day in series.days], dtype=bool)
    left_out = silent(shares, last=last)
    found = await asyncio.to_thread(judge_week, series, working=working, left_out=left_out)
    clusters = await asyncio.to_thread(_clusters, placed, series, last)
    async with store.transaction(root) as session:
        await session.execute(ONE_AT_A_TIME)
        await keep_week(session, found, clusters, week_end=last, root=root.scope or "", now=now)
    return found


def _clusters(placed: Placed, series: Series, last: date) -> list[FoundCluster]:
    """Clusters, unless the record is shorter than the days they are compared with."""
    if not series.days or series.days[0] > last - timedelta(days=SCANNED_DAYS - 1):
        return []
    return find_clusters(placed, seed=last.toordinal())
