"""Count and list closed cases by week, and those of them closed within their limits, within the caller's reach.

Only cases of these weeks are read, by the index of when they ended: five years of others cost nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ARRAY, Boolean, DateTime, Select, Subquery, Text, cast, false, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.board.queries import BoardCase, last_urgings, of_first
from console.board.rules import Standing
from console.cases.clocks import JOINED
from console.cases.tables import Case
from console.clocks.tables import Clock, ClockContent, ClockPause
from console.cursors import id_of
from console.incidents.tables import Incident
from geo.store import Ltree

WEEKS = 12
WEEK = timedelta(days=7)
LATE = "late-"
"""Begins the cursor of a page that ends among the late cases."""


@dataclass(frozen=True, slots=True)
class WeekClosed:
    """Cases that closed in a week with a limit running, and how many of them closed within all such limits.

    `first` is its Monday. A case that was opened again counts where it closed last; a merged one counts nowhere.
    """

    first: date
    closed: int
    on_time: int


@dataclass(frozen=True, slots=True)
class WeekOf:
    """A week of a division (its path), by its local Monday."""

    monday: date
    scope: str
    zone: ZoneInfo


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


async def list_closed(
    session: AsyncSession, actor: Actor, week: WeekOf, *, limit: int, cursor: str | None
) -> tuple[Sequence[BoardCase], str | None]:
    """Return a page of the cases that closed in a week, the late ones first, and the cursor of the next.

    Each has the limit that ran out first. Raises `Forbidden`, `BadCursor`.
    """
    actor.require(Permission.READ_INCIDENTS)
    first, last = (datetime.combine(week.monday + WEEK * on, time(), week.zone) for on in (0, 1))
    closed = _judged(first, week.scope, until=last)
    wanted = select(Case, Incident, closed).join(Incident, Incident.id == Case.incident_id)
    wanted = wanted.join(closed, closed.c.incident_id == Case.incident_id).order_by(
        closed.c.on_time, closed.c.incident_id.desc()
    )
    if cursor is not None:
        is_late, number = cursor.startswith(LATE), id_of(cursor.removeprefix(LATE))
        wanted = wanted.where(
            or_(
                closed.c.on_time if is_late else false(),
                (closed.c.on_time == (not is_late)) & (Case.incident_id < number),
            )
        )
    rows = (await session.execute(wanted.limit(limit + 1))).all()
    urged = await last_urgings(session, [row.Case for row in rows])
    standings = {True: Standing.IN_TIME, False: Standing.LATE}
    found = [
        BoardCase(row.Case, row.Incident, standings[row.on_time], row.limit_code, row.due_at, bool(row.statutory),
                  urged[row.incident_id])
        for row in rows[:limit]
    ]  # fmt: skip
    if len(rows) <= limit:
        return found, None
    end = found[-1]
    return found, f"{LATE if end.standing is Standing.LATE else ''}{end.case.incident_id}"


def _counted(begins: Sequence[datetime], scope: str) -> Select[int, int, int]:
    """Select the number of each week with cases, how many closed, and how many of these on time."""
    cases = _judged(begins[0], scope)
    week = func.width_bucket(cases.c.ended_at, cast([*begins], ARRAY(DateTime(timezone=True))))
    return select(week, func.count(), func.count().filter(cases.c.on_time)).group_by(week)


def _judged(since: datetime, scope: str, *, until: datetime | None = None) -> Subquery:
    """Select the cases that closed since then with a limit running: whether on time, and the limit that was due first.

    Judged are the limits that ran until the case closed. One that was paused then had stood still since the pause. The
    limit of a stage that was left before the closing is not judged: what was late on the way, the board of running
    cases and the notices have told.
    """
    paused = (
        select(func.min(ClockPause.paused_at))
        .where(
            ClockPause.incident_id == Case.incident_id, ClockPause.clock_id.is_(None), ClockPause.resumed_at.is_(None)
        )
        .scalar_subquery()
    )
    kept = func.coalesce(paused, Clock.stopped_at) <= Clock.due_at
    wanted = (
        select(
            Case.incident_id,
            Case.ended_at,
            func.bool_and(kept).label("on_time"),
            func.min(Clock.due_at).label("due_at"),
            of_first(Clock.limit_code, Text()).label("limit_code"),
            of_first(cast(ClockContent.term["statutory"].astext, Boolean), Boolean()).label("statutory"),
        )
        .join(Clock, (Clock.incident_id == Case.incident_id) & (Clock.stopped_at == Case.ended_at))
        .join(ClockContent, ClockContent.digest == Clock.content)
        .where(
            Case.ended_at >= literal(since, DateTime(timezone=True)),
            Case.division_path.op("<@")(cast(scope, Ltree)),
            Clock.unit_code.is_(None),
            Clock.outcome != JOINED,
        )
        .group_by(Case.incident_id)
    )
    if until is not None:
        wanted = wanted.where(Case.ended_at < literal(until, DateTime(timezone=True)))
    return wanted.subquery("closed")
