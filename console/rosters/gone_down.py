"""Count how long people of an upper centre have been at lower ones 下沉: by shifts served there, and by secondments."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.access.rules import Actor, Permission
from console.register.tables import Post, StaffMember, Unit
from console.rosters.queries import NAMED, Period, during, span_in, who_of
from console.rosters.rules import Span, Who, WhoKind, days_between
from console.rosters.tables import Leave, Shift
from geo.store import Ltree

HOUR = timedelta(hours=1)
AT_WORK = ("resident", "rotating")
"""Ways of being there that count: whoever is on call has gone nowhere."""


@dataclass(frozen=True, slots=True, order=True)
class Stay:
    """Where somebody of the division `home` has been: at a unit or in a division below, by shifts or a post."""

    who: Who
    home: str
    division_path: str
    unit: str | None
    by: Literal["shift", "post"]


@dataclass(frozen=True, slots=True)
class GoneDown:
    """A stay with its shifts, the hours of them outside leave, and the days; of a secondment, its days alone."""

    stay: Stay
    times: int
    hours: float | None
    days: int


async def gone_down(
    session: AsyncSession, actor: Actor, period: Period, *, within: str, now: datetime
) -> Sequence[GoneDown]:
    """List the stays of a period at a division and below it, until now, as far as they are within reach.

    Raises `Forbidden`.
    """
    actor.require(Permission.READ_ROSTERS)
    span = Span(period.span.starts_at, min(now, period.span.ends_at))
    if span.ends_at <= span.starts_at:
        return []
    found = await _by_shifts(session, span, within=within, zone=period.zone)
    found += await _by_posts(session, span, within=within, zone=period.zone)
    return sorted(found, key=lambda one: one.stay)


async def _by_shifts(session: AsyncSession, span: Span, *, within: str, zone: ZoneInfo) -> list[GoneDown]:
    stays: dict[Stay, list[Shift]] = defaultdict(list)
    for kind, table in NAMED.items():
        wanted = (
            select(Shift, table.division_path)
            .join(table, (table.id == Shift.who_id) & (Shift.who_kind == kind.value))
            .where(during(Shift, span), Shift.cancelled_at.is_(None), Shift.attendance.in_(AT_WORK))
            .where(
                Shift.division_path.op("<@")(cast(within, Ltree)), _is_below(Shift.division_path, table.division_path)
            )
        )
        for shift, home in await session.execute(wanted.order_by(Shift.starts_at)):
            stays[Stay(who_of(shift), home, shift.division_path, shift.unit, "shift")].append(shift)
    leaves = await _leaves(session, {stay.who for stay in stays}, span)
    return [_counted(stay, shifts, leaves[stay.who], span, zone=zone) for stay, shifts in stays.items()]


async def _leaves(session: AsyncSession, whos: set[Who], span: Span) -> dict[Who, list[Span]]:
    found: dict[Who, list[Span]] = defaultdict(list)
    wanted = select(Leave).where(during(Leave, span), Leave.cancelled_at.is_(None))
    for leave in await session.scalars(wanted.where(Leave.who_id.in_({who.id for who in whos}))):
        found[who_of(leave)].append(span_in(leave))
    return found


def _counted(stay: Stay, shifts: Sequence[Shift], leaves: Sequence[Span], span: Span, *, zone: ZoneInfo) -> GoneDown:
    served = [part for shift in shifts for part in _clip(span_in(shift), span).minus(leaves)]
    length = sum((part.ends_at - part.starts_at for part in served), timedelta())
    return GoneDown(stay, len(shifts), round(length / HOUR, 1), len({*_days(served, zone)}))


def _days(served: Iterable[Span], zone: ZoneInfo) -> Iterable[date]:
    """Yield the local days on which a moment of the spans lies."""
    for part in served:
        last = part.ends_at - timedelta(microseconds=1)
        yield from days_between(part.starts_at.astimezone(zone).date(), last.astimezone(zone).date())


async def _by_posts(session: AsyncSession, span: Span, *, within: str, zone: ZoneInfo) -> list[GoneDown]:
    first, last = span.starts_at.astimezone(zone).date(), span.ends_at.astimezone(zone).date()
    wanted = (
        select(Post, Unit.code, StaffMember.division_path)
        .join(Unit, Unit.id == Post.unit_id)
        .join(StaffMember, StaffMember.id == Post.person_id)
        .where(Post.duty == "seconded", Post.first_day <= last, (Post.until > first) | Post.until.is_(None))
        .where(
            Post.division_path.op("<@")(cast(within, Ltree)), _is_below(Post.division_path, StaffMember.division_path)
        )
    )
    found = []
    for post, unit, home in await session.execute(wanted):
        end = min(post.until or last + timedelta(days=1), last + timedelta(days=1))
        stay = Stay(Who(WhoKind.PERSON, post.person_id), home, post.division_path, unit, "post")
        found.append(GoneDown(stay, 1, None, (end - max(post.first_day, first)).days))
    return found


def _is_below(path: InstrumentedAttribute[str], home: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return path.op("<@")(home) & (func.nlevel(path) > func.nlevel(home))


def _clip(one: Span, span: Span) -> Span:
    return Span(max(one.starts_at, span.starts_at), min(one.ends_at, span.ends_at))
