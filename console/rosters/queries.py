"""Read rosters within the caller's reach: shifts, leave, who serves at a moment, and gaps in the cover."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.clocks.calendar import WorkingCalendar
from console.forces.tables import Force
from console.register.queries import held_on
from console.register.tables import Post, StaffMember, Unit
from console.rosters.rules import Gap, Served, Skills, Span, Who, WhoKind, find_gaps, serve
from console.rosters.tables import Leave, Shift
from console.rosters.terms import Attendance, Cover, RosterTerms, local
from geo.errors import BadCursor, NotFound
from layers.divisions.queries import list_named, on_day
from layers.divisions.tables import Division

NAMED: Mapping[WhoKind, type[Force] | type[StaffMember] | type[Unit]] = {
    WhoKind.FORCE: Force,
    WhoKind.PERSON: StaffMember,
    WhoKind.UNIT: Unit,
}
"""Tables of those who serve."""
ROSTER_AT = text("SELECT who_id, attendance, answer_minutes, ends_at, shift_id FROM roster_at(:kind, :moment)")
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_CURSOR = re.compile(r"(\d{1,17})_([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the county, from the first to the last."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def span(self) -> Span:
        return Span(local(self.first, 0, self.zone), local(self.last, 1440, self.zone))


@dataclass(frozen=True, slots=True)
class RosterState:
    """How somebody stands at a moment: their attendance, or `leave`; and until when."""

    attendance: str
    answer_minutes: int | None
    ends_at: datetime
    shift: UUID | None


def who_of(row: Shift | Leave) -> Who:
    return Who(WhoKind(row.who_kind), row.who_id)


def span_in(row: Shift | Leave) -> Span:
    return Span(row.starts_at, row.ends_at)


def is_of(table: type[Shift] | type[Leave], who: Who) -> ColumnElement[bool]:
    return and_(table.who_kind == who.kind.value, table.who_id == who.id)


def during(table: type[Shift] | type[Leave], span: Span) -> ColumnElement[bool]:
    """Match what has a moment in common with the range."""
    return and_(table.starts_at < span.ends_at, table.ends_at > span.starts_at)


async def states_at(session: AsyncSession, kind: WhoKind, *, now: datetime) -> dict[int, RosterState]:
    """Return how all of a kind stand at a moment; those without a shift or leave are left out."""
    rows = await session.execute(ROSTER_AT, {"kind": kind.value, "moment": now})
    return {who: RosterState(attendance, minutes, ends_at, shift) for who, attendance, minutes, ends_at, shift in rows}


async def page_of_shifts(
    session: AsyncSession,
    actor: Actor,
    span: Span,
    *,
    within: str,
    limit: int,
    cursor: str | None = None,
    cancelled: bool = False,
    attendance: Attendance | None = None,
) -> tuple[Sequence[Shift], str | None]:
    """Return a page of the shifts of a range in a division and below it, by begin, and the cursor of the next; of one
    attendance, if it is given.

    Raises `Forbidden`, `BadCursor`.
    """
    actor.require(Permission.READ_ROSTERS)
    wanted = _within(select(Shift).where(during(Shift, span)), Shift, within)
    if not cancelled:
        wanted = wanted.where(Shift.cancelled_at.is_(None))
    if attendance is not None:
        wanted = wanted.where(Shift.attendance == attendance)
    if cursor is not None:
        begin, shift_id = _parse(cursor)
        wanted = wanted.where(or_(Shift.starts_at > begin, and_(Shift.starts_at == begin, Shift.id > shift_id)))
    rows = (await session.scalars(wanted.order_by(Shift.starts_at, Shift.id).limit(limit + 1))).all()
    page = rows[:limit]
    return page, _cursor(page[-1]) if len(rows) > limit else None


async def shifts_of(session: AsyncSession, whos: Collection[Who], span: Span) -> Sequence[Shift]:
    """List the shifts of some in a range, cancelled ones too, by begin, as far as they are within reach."""
    wanted = select(Shift).where(during(Shift, span), or_(false(), *(is_of(Shift, who) for who in whos)))
    return (await session.scalars(wanted.order_by(Shift.starts_at, Shift.id))).all()


async def leaves_in(
    session: AsyncSession, actor: Actor, span: Span, *, within: str, cancelled: bool = False
) -> Sequence[Leave]:
    """List the leave of a range in a division and below it, by begin. Raises `Forbidden`."""
    actor.require(Permission.READ_ROSTERS)
    wanted = _within(select(Leave).where(during(Leave, span)), Leave, within)
    if not cancelled:
        wanted = wanted.where(Leave.cancelled_at.is_(None))
    return (await session.scalars(wanted.order_by(Leave.starts_at, Leave.id))).all()


async def names_of_whos(session: AsyncSession, whos: Collection[Who]) -> dict[Who, str]:
    """Return the names of those who serve, as far as they are within reach."""
    found: dict[Who, str] = {}
    for kind, table in NAMED.items():
        ids = {who.id for who in whos if who.kind is kind}
        if ids:
            rows = await session.execute(select(table.id, table.name).where(table.id.in_(ids)))
            found |= {Who(kind, number): name for number, name in rows}
    return found


async def codes_of_whos(session: AsyncSession, whos: Collection[Who]) -> dict[Who, str]:
    """Return the codes of those who serve, as far as they are within reach."""
    found: dict[Who, str] = {}
    for kind, table in NAMED.items():
        rows = await session.execute(
            select(table.id, table.code).where(table.id.in_({w.id for w in whos if w.kind is kind}))
        )
        found |= {Who(kind, number): code for number, code in rows}
    return found


async def names_of_places(
    session: AsyncSession, divisions: Collection[str], units: Collection[str], *, day: date
) -> list[tuple[str, str, str]]:
    """Return code, name and English name of divisions and units by their codes, as far as they are within reach."""
    named = select(Division.code, Division.name, literal("")).where(Division.code.in_(divisions), on_day(day))
    of_units = select(Unit.code, Unit.name, Unit.name_en).where(Unit.code.in_(units))
    return [
        (code, name, name_en) for wanted in (named, of_units) for code, name, name_en in await session.execute(wanted)
    ]


async def get_shift(session: AsyncSession, shift_id: UUID) -> Shift:
    """Return a shift. Raises `NotFound`."""
    row = await session.get(Shift, shift_id)
    if row is None:
        raise NotFound
    return row


async def find_whos(session: AsyncSession, actor: Actor, *, words: str, limit: int) -> list[tuple[Who, str]]:
    """Find forces, people and units of the actor's division by part of a name or code. Raises `Forbidden`."""
    actor.require(Permission.EDIT_ROSTERS)
    found: list[tuple[Who, str]] = []
    for kind, table in NAMED.items():
        wanted = select(table.id, table.name).where(
            table.division_path.op("<@")(actor.scope),
            or_(table.name.icontains(words, autoescape=True), table.code.icontains(words, autoescape=True)),
        )
        if kind is WhoKind.UNIT:
            wanted = wanted.where(Unit.closed_on.is_(None))
        rows = await session.execute(wanted.order_by(table.id).limit(limit))
        found += [(Who(kind, number), name) for number, name in rows]
    return found


async def gaps_in(
    session: AsyncSession,
    terms: RosterTerms,
    period: Period,
    *,
    within: str,
    calendar: WorkingCalendar,
) -> list[Gap]:
    """List the gaps of all divisions within one, in order of time. What is left of shifts without leave counts.

    Before the county's first shift within reach there was no roster, and nothing is missing.
    """
    begun = await session.scalar(select(func.min(Shift.starts_at))) if terms.minimums else None
    if begun is None or begun >= period.span.ends_at:
        return []
    period = replace(period, first=max(period.first, begun.astimezone(period.zone).date()))
    divisions = await list_named(session, day=period.first, levels={cover.at for cover in terms.minimums})
    held = [one for one in divisions if f"{one.path}.".startswith(f"{within}.")]
    served = await _served(session, period.span, within=within)
    skills = await _skills(session, {one.who for one in served}, day=period.first)
    gaps = [
        gap
        for cover in terms.minimums
        for one in held
        if one.level == cover.at
        for gap in _gaps(cover, one.path, served, skills, period, calendar)
    ]
    return sorted(gaps, key=lambda gap: (gap.span.starts_at, gap.division_path, gap.cover))


def _gaps(
    cover: Cover,
    path: str,
    served: Sequence[Served],
    skills: Mapping[Who, Skills],
    period: Period,
    calendar: WorkingCalendar,
) -> list[Gap]:
    days = (period.first, period.last)
    return find_gaps(cover, path, served, skills, days, calendar=calendar, zone=period.zone)


async def _served(session: AsyncSession, span: Span, *, within: str) -> list[Served]:
    shifts = await session.scalars(
        _within(select(Shift).where(during(Shift, span), Shift.cancelled_at.is_(None)), Shift, within)
    )
    away = await session.scalars(select(Leave).where(during(Leave, span), Leave.cancelled_at.is_(None)))
    leaves: dict[Who, list[Span]] = defaultdict(list)
    for leave in away:
        leaves[who_of(leave)].append(span_in(leave))
    rows = [Served(who_of(row), row.attendance, span_in(row), row.division_path) for row in shifts]
    return serve(rows, leaves)


async def _skills(session: AsyncSession, whos: Collection[Who], *, day: date) -> dict[Who, Skills]:
    forces = {who.id for who in whos if who.kind is WhoKind.FORCE}
    people = {who.id for who in whos if who.kind is WhoKind.PERSON}
    rows = await session.execute(select(Force.id, Force.kind, Force.specialities).where(Force.id.in_(forces)))
    found = {Who(WhoKind.FORCE, number): Skills(kind, specialities=frozenset(of)) for number, kind, of in rows}
    held = select(Post.person_id, Post.title, Post.specialities).where(Post.person_id.in_(people), held_on(day))
    for person, title, of in await session.execute(held):
        who = Who(WhoKind.PERSON, person)
        known = found.get(who, Skills())
        found[who] = Skills(titles=known.titles | {title}, specialities=known.specialities | {*of})
    return found


def _within(
    wanted: Select[Shift] | Select[Leave], table: type[Shift] | type[Leave], path: str
) -> Select[Shift] | Select[Leave]:
    return wanted.where(table.division_path.op("<@")(path))


def _cursor(shift: Shift) -> str:
    return f"{(shift.starts_at - EPOCH) // MICROSECOND}_{shift.id.hex}"


def _parse(cursor: str) -> tuple[datetime, UUID]:
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise BadCursor(cursor=cursor[:40])
    return EPOCH + int(found[1]) * MICROSECOND, UUID(found[2])
