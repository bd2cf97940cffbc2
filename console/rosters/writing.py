"""Write shifts and leave with the record of their changes, all at once; and check who serves, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.register.tables import Unit
from console.rosters.deadlines import watch_cover
from console.rosters.queries import NAMED, during, is_of
from console.rosters.rules import (
    Cancelled,
    NewShift,
    OnLeave,
    PlaceUnknown,
    ShiftOverlap,
    Span,
    Who,
    WhoKind,
    WhoUnknown,
)
from console.rosters.tables import Leave, RosterChange, Shift
from geo.store import lies_within
from geo.versions import Expected, require_current
from layers.divisions.queries import find_by_code

DEFER = text("SET CONSTRAINTS roster_shifts_who_excl DEFERRED")
CHECK = text("SET CONSTRAINTS roster_shifts_who_excl IMMEDIATE")


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a change, and the county's day then."""

    now: datetime
    today: date


Change = tuple[Any, dict[str, Any], str]
"""A row, new or not, what it is to say, and the kind of change."""


def new_row(shift_id: UUID) -> Shift:
    """Return a row for a shift that no pattern laid."""
    return Shift(id=shift_id, version=0, pattern="", assumed=False, cancelled_at=None)


def said_by(new: NewShift, path: str) -> dict[str, Any]:
    """Return what the row of a shift is to say; `path` is where it is served."""
    return {
        "who_kind": new.who.kind.value,
        "who_id": new.who.id,
        "attendance": new.attendance,
        "starts_at": new.span.starts_at,
        "ends_at": new.span.ends_at,
        "unit": new.unit,
        "answer_minutes": new.answer_minutes,
        "note": new.note,
        "division_path": path,
    }


async def write_changes(session: AsyncSession, actor: Actor, changes: Sequence[Change], *, now: datetime) -> None:
    """Write rows and the record of their changes. Raises `ShiftOverlap`, with nothing written."""
    meant = [(_said_of(row, said), row.id) for row, said, _ in changes]
    try:
        async with session.begin_nested():
            await session.execute(DEFER)
            for row, said, kind in changes:
                for name, value in said.items():
                    setattr(row, name, value)
                row.version, row.changed_at, row.changed_by = row.version + 1, now, actor.user_id
                session.add_all([row, _record(row, said, kind)])
            await session.flush()
            await session.execute(CHECK)
    except IntegrityError as error:
        raise await _overlap(session, [said for said, _ in meant], {each for _, each in meant}) from error
    await watch_cover(session, {row.division_path for row, _, _ in changes}, scope=actor.scope, now=now)


def _record(row: Shift | Leave, said: dict[str, Any], kind: str) -> RosterChange:
    data = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}
    return RosterChange(
        entity=row.id, kind=kind, at=row.changed_at, actor_id=row.changed_by, data=data, division_path=row.division_path
    )


def _said_of(row: Shift | Leave, said: dict[str, Any]) -> tuple[Who, Span]:
    """Return who a row will be of, and when."""
    kind, number, begin, end = (
        said[name] if name in said else getattr(row, name) for name in ("who_kind", "who_id", "starts_at", "ends_at")
    )
    return Who(WhoKind(kind), number), Span(begin, end)


async def _overlap(session: AsyncSession, meant: Sequence[tuple[Who, Span]], own: set[UUID]) -> ShiftOverlap:
    """Name the first shift that is in the way, where the actor may see it."""
    for who, span in meant:
        other = select(Shift).where(
            is_of(Shift, who), during(Shift, span), Shift.cancelled_at.is_(None), Shift.id.not_in(own)
        )
        found = await session.scalar(other.order_by(Shift.starts_at).limit(1))
        if found is not None:
            times = {"starts_at": found.starts_at.isoformat(), "ends_at": found.ends_at.isoformat()}
            return ShiftOverlap(field="starts_at", shift=str(found.id), **times)
    return ShiftOverlap(field="starts_at")


def require_valid(row: Shift | Leave, expected: Expected) -> None:
    """Raise `Stale` or `Cancelled`."""
    require_current(row.version, expected)
    if row.cancelled_at is not None:
        raise Cancelled


async def path_of(session: AsyncSession, actor: Actor, who: Who) -> str:
    """Return the division of the one who serves. Raises `WhoUnknown` outside the actor's own."""
    table = NAMED[who.kind]
    path = await session.scalar(select(table.division_path).where(table.id == who.id))
    if path is None or not lies_within(path, actor.scope):
        raise WhoUnknown(field="who")
    return str(path)


async def place_of(
    session: AsyncSession, actor: Actor, unit: str | None, division: str | None, *, own: str, today: date
) -> str:
    """Return the division in which a shift is served. Raises `PlaceUnknown` outside the actor's own."""
    path: str | None = own
    if unit is not None:
        path = await session.scalar(select(Unit.division_path).where(Unit.code == unit, Unit.closed_on.is_(None)))
    elif division is not None:
        found = await find_by_code(session, division, day=today)
        path = found.division_path if found else None
    if path is None or not lies_within(path, actor.scope):
        raise PlaceUnknown(field="unit" if unit is not None else "division")
    return path


async def require_there(session: AsyncSession, who: Who, span: Span) -> None:
    """Raise `OnLeave` if they are on leave in the range."""
    wanted = select(Leave).where(is_of(Leave, who), during(Leave, span), Leave.cancelled_at.is_(None))
    leave = await session.scalar(wanted.order_by(Leave.starts_at).limit(1))
    if leave is not None:
        raise OnLeave(
            field="starts_at",
            leave=str(leave.id),
            starts_at=leave.starts_at.astimezone(UTC).isoformat(),
            ends_at=leave.ends_at.astimezone(UTC).isoformat(),
        )
