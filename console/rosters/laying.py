"""Lay the shifts of a pattern, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.clocks.calendar import WorkingCalendar
from console.rosters.queries import Period, during, is_of, span_in, who_of
from console.rosters.rules import MOST_LAID_DAYS, LaidShift, Span, Who, check_days, lay
from console.rosters.tables import Leave, Shift
from console.rosters.terms import Pattern
from console.rosters.writing import Change, Moment, path_of, place_of, write_changes


@dataclass(frozen=True, slots=True)
class Laying:
    """Who is to follow a pattern, in this order, on which days, and where."""

    whos: Sequence[Who]
    period: Period
    unit: str | None = None
    division: str | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """How many shifts a pattern has added, cancelled, and left out because of leave or of other shifts."""

    added: int
    cancelled: int
    on_leave: int
    kept: int


async def lay_pattern(
    session: AsyncSession, actor: Actor, pattern: Pattern, laying: Laying, *, calendar: WorkingCalendar, at: Moment
) -> Laid:
    """Lay the shifts of a pattern, all of them or none. The same again changes nothing.

    What the pattern has laid before for the same ones on these days, and does not any more, is cancelled unless it has
    begun; the calendar may have been published since. What somebody has changed or cancelled by hand stays, and
    nobody is laid into their leave or over another shift of theirs.

    Raises `Forbidden`, `PeriodTooLong`, `WhoUnknown`, `PlaceUnknown`.
    """
    actor.require(Permission.EDIT_ROSTERS)
    period = laying.period
    check_days(period.first, period.last, most=MOST_LAID_DAYS)
    paths = {who: await path_of(session, actor, who) for who in laying.whos}
    wanted = lay(pattern, laying.whos, period.first, period.last, calendar=calendar, zone=period.zone)
    places = {
        who: await place_of(session, actor, laying.unit, laying.division, own=own, today=at.today)
        for who, own in paths.items()
    }
    known = await _of(session, Shift, laying.whos, period.span)
    stale = [row for row in known if _is_stale(row, pattern, {one.id for one in wanted}, now=at.now)]
    taken = [row for row in known if row.cancelled_at is None and row not in stale]
    leaves = await _of(session, Leave, laying.whos, period.span)
    there = {row.id for row in known}
    new = [one for one in wanted if one.id not in there]
    away = {one.id for one in new if any(_hits(row, one) for row in leaves if row.cancelled_at is None)}
    free = [one for one in new if one.id not in away and not any(_hits(row, one) for row in taken)]
    changes = [(row, {"cancelled_at": at.now}, "shift.cancelled") for row in stale]
    changes += [_laid(one, pattern, laying, places[one.who]) for one in free]
    await write_changes(session, actor, changes, now=at.now)
    return Laid(len(free), len(stale), on_leave=len(away), kept=len(wanted) - len(free) - len(away))


def _laid(one: LaidShift, pattern: Pattern, laying: Laying, path: str) -> Change:
    said = {
        "who_kind": one.who.kind.value,
        "who_id": one.who.id,
        "attendance": pattern.attendance,
        "starts_at": one.span.starts_at,
        "ends_at": one.span.ends_at,
        "unit": laying.unit,
        "answer_minutes": pattern.answer_minutes if pattern.attendance == "on_call" else None,
        "pattern": pattern.code,
        "assumed": one.assumed,
        "note": "",
        "cancelled_at": None,
        "division_path": path,
    }
    return Shift(id=one.id, version=0), said, "shift.laid"


def _is_stale(row: Shift, pattern: Pattern, wanted: set[UUID], *, now: datetime) -> bool:
    untouched = row.pattern == pattern.code and row.version == 1 and row.cancelled_at is None
    return untouched and row.id not in wanted and row.starts_at > now


def _hits(row: Shift | Leave, one: LaidShift) -> bool:
    return who_of(row) == one.who and span_in(row).touches(one.span)


async def _of(session: AsyncSession, table: Any, whos: Sequence[Who], span: Span) -> list[Any]:
    """Read and lock all that these have in a range, cancelled ones too."""
    around = Span(span.starts_at - timedelta(days=1), span.ends_at + timedelta(days=1))
    found: list[Any] = []
    for who in whos:
        wanted = select(table).where(is_of(table, who), during(table, around)).order_by(table.starts_at)
        found += (await session.scalars(wanted.with_for_update())).all()
    return found
