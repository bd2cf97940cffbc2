"""Count clocks again when a calendar file has changed: those that cross a changed day, and no others."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from console.clocks.actions import reschedule
from console.clocks.calendar import WorkingCalendar, days_of
from console.clocks.deadlines import CaseSide
from console.clocks.tables import CalendarYear, Clock
from console.clocks.walking import WorkedTimes
from console.incidents.tables import Incident
from console.incidents.timeline import Entry, note_many

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('maplebridge.calendar'))"
BATCH = 1_000


async def changed_days(session: AsyncSession, calendar: WorkingCalendar) -> set[date]:
    """Return the days that the calendar counts otherwise than the clocks were counted last.

    A year that is announced changes on all its days: what rests on it is no longer provisional.
    """
    kept = {row.year: row for row in await session.scalars(select(CalendarYear))}
    found: set[date] = set()
    for year in sorted(calendar.years | kept.keys()):
        before, now = kept.get(year), calendar.exceptions(year)
        was = {} if before is None else before.days
        found |= {date.fromisoformat(day) for day in was.keys() | now.keys() if was.get(day) != now.get(day)}
        was_announced = before is not None and before.announced
        if was_announced != (year in calendar.years):
            found |= {*days_of([f"{year}-01-01/{year}-12-31"])}
    return found


async def keep_calendar(session: AsyncSession, calendar: WorkingCalendar, *, now: datetime) -> None:
    """Keep the days by which clocks are counted from now on; years without a notice as such."""
    years = {*calendar.years, max(calendar.years, default=now.year) + 1}
    rows = [
        {"year": year, "announced": year in calendar.years, "days": calendar.exceptions(year), "counted_at": now}
        for year in sorted(years)
    ]
    wanted = insert(CalendarYear).values(rows)
    changed = {name: wanted.excluded[name] for name in ("announced", "days", "counted_at")}
    differs = (CalendarYear.days != wanted.excluded.days) | (CalendarYear.announced != wanted.excluded.announced)
    await session.execute(wanted.on_conflict_do_update(index_elements=["year"], set_=changed, where=differs))


@dataclass(frozen=True, slots=True)
class Counted:
    """What one batch did: how many clocks are due at another time, and the last one's id; None when all are counted."""

    moved: int
    last_id: int | None


async def count_again(
    session: AsyncSession, times: WorkedTimes, cases: CaseSide, *, after: int = 0, now: datetime
) -> Counted:
    """Count the next clocks again that cross a changed day, those after an id.

    Only those that are due at another time get an entry in their timeline. When all are counted, the calendar is kept,
    and a further run writes nothing; after a killed one, those that were counted already do not move again. Stopped
    clocks are judged by the calendar of their day, and paused ones are counted when they go on. One server at a time.
    """
    await session.execute(text(ONE_AT_A_TIME))
    days = await changed_days(session, times.calendar)
    clocks = await _crossing(session, days, after=after) if days else []
    if not clocks:
        await keep_calendar(session, times.calendar, now=now)
        return Counted(0, None)
    return Counted(await _count(session, times, cases, clocks, days, now=now), clocks[-1].id)


async def _crossing(session: AsyncSession, days: Collection[date], *, after: int) -> Sequence[Clock]:
    """Lock and return running clocks whose span may meet one of the days, by id: their incidents first, as moves do."""
    crossing = (
        Clock.stopped_at.is_(None),
        Clock.paused_at.is_(None),
        Clock.started_day <= max(days),
        Clock.last_day >= min(days),
    )
    wanted = select(Clock.id, Clock.incident_id).where(Clock.id > after, *crossing).order_by(Clock.id).limit(BATCH)
    found = (await session.execute(wanted)).all()
    incidents = select(Incident.id).where(Incident.id.in_({row.incident_id for row in found})).order_by(Incident.id)
    await session.execute(incidents.with_for_update(key_share=True))
    clocks = select(Clock).where(Clock.id.in_([row.id for row in found])).order_by(Clock.id)
    locked = clocks.with_for_update(key_share=True).execution_options(populate_existing=True)
    return (await session.scalars(locked)).all()


async def _count(
    session: AsyncSession,
    times: WorkedTimes,
    cases: CaseSide,
    clocks: Sequence[Clock],
    days: Collection[date],
    *,
    now: datetime,
) -> int:
    in_order = sorted(days)
    crossing = [clock for clock in clocks if _crosses(clock, in_order)]
    before = {clock.id: clock.due_at for clock in crossing}
    moved = await reschedule(session, times, crossing, now=now)
    incidents = {incident.id: incident for incident in await _incidents(session, moved)}
    entries = [
        (incidents[clock.incident_id], Entry("clock.recounted", data=_said(clock, before[clock.id], days)))
        for clock in moved
    ]
    await note_many(session, entries, now=now)
    await cases.show(session, [*incidents.values()], now=now)
    return len(moved)


def _crosses(clock: Clock, days: Sequence[date]) -> bool:
    """Return whether a clock runs over one of the days, which are in order. A move may have ended it meanwhile."""
    first = bisect_left(days, clock.started_day)
    is_running = clock.stopped_at is None and clock.paused_at is None
    return is_running and first < len(days) and days[first] <= clock.last_day


async def _incidents(session: AsyncSession, clocks: Sequence[Clock]) -> Sequence[Incident]:
    wanted = select(Incident).where(Incident.id.in_({clock.incident_id for clock in clocks}))
    return (await session.scalars(wanted)).all()


def _said(clock: Clock, before: datetime, days: Collection[date]) -> dict[str, object]:
    """Say which day changed first, and from when to when the clock's due time moved."""
    crossed = min(day for day in days if clock.started_day <= day <= max(clock.last_day, clock.due_day))
    return {
        "clock": clock.code,
        "limit": clock.limit_code,
        "from": before.isoformat(),
        "to": clock.due_at.isoformat(),
        "day": crossed.isoformat(),
    }
