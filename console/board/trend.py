"""Count closed cases by week, and those of them closed within their limits, within the caller's reach.

Only cases of these weeks are read, by the index of when they ended: five years of others cost nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, DateTime, Select, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cases.clocks import JOINED
from console.cases.tables import Case
from console.clocks.tables import Clock, ClockPause
from geo.store import Ltree

WEEKS = 12
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeekClosed:
    """Cases that closed in a week with a limit running, and how many of them closed within all such limits.

    `first` is its Monday. A case that was opened again counts where it closed last; a merged one counts nowhere.
    """

    first: date
    closed: int
    on_time: int


def mondays(now: datetime, zone: ZoneInfo) -> list[date]:
    """Return the Mondays of the last weeks, the earliest first; the last week is the one that goes on."""
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return [monday - WEEK * back for back in reversed(range(WEEKS))]


async def count_closed(
    session: AsyncSession, actor: Actor, *, scope: str, zone: ZoneInfo, now: datetime
) -> Sequence[WeekClosed]:
    """Count the cases below a division that closed in each of the last weeks. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    days = mondays(now, zone)
    begins = [datetime.combine(day, time(), zone) for day in days]
    counted = {number: (closed, on_time) for number, closed, on_time in await session.execute(_counted(begins, scope))}
    return [WeekClosed(day, *counted.get(number, (0, 0))) for number, day in enumerate(days, 1)]


def _counted(begins: Sequence[datetime], scope: str) -> Select[int, int, int]:
    """Select the number of each week with cases, how many closed, and how many of these on time.

    Judged are the limits that ran until the case closed. One that was paused then had stood still since the pause.
    """
    paused = (
        select(func.min(ClockPause.paused_at))
        .where(
            ClockPause.incident_id == Case.incident_id, ClockPause.clock_id.is_(None), ClockPause.resumed_at.is_(None)
        )
        .scalar_subquery()
    )
    kept = func.coalesce(paused, Clock.stopped_at) <= Clock.due_at
    edges = cast([*begins], ARRAY(DateTime(timezone=True)))
    cases = (
        select(func.width_bucket(Case.ended_at, edges).label("week"), func.bool_and(kept).label("on_time"))
        .join(Clock, (Clock.incident_id == Case.incident_id) & (Clock.stopped_at == Case.ended_at))
        .where(
            Case.ended_at >= literal(begins[0], DateTime(timezone=True)),
            Case.division_path.op("<@")(cast(scope, Ltree)),
            Clock.unit_code.is_(None),
            Clock.outcome != JOINED,
        )
        .group_by(Case.incident_id)
        .subquery("closed")
    )
    return select(cases.c.week, func.count(), func.count().filter(cases.c.on_time)).group_by(cases.c.week)
