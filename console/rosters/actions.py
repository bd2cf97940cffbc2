"""Change rosters, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.rosters.queries import span_in, who_of
from console.rosters.rules import (
    LONGEST_LEAVE,
    LeaveOverlap,
    NewShift,
    ShiftOverlap,
    Span,
    SwapOutside,
    SwapWith,
    Who,
    check_shift,
    check_span,
)
from console.rosters.tables import Leave, Shift
from console.rosters.writing import (
    Change,
    Moment,
    new_row,
    path_of,
    place_of,
    require_there,
    require_valid,
    said_by,
    write_changes,
)
from geo.errors import NotFound
from geo.versions import Expected, require_current


@dataclass(frozen=True, slots=True)
class NewLeave:
    """Leave to write."""

    who: Who
    span: Span


@dataclass(frozen=True, slots=True)
class Swap:
    """Hours of a shift (all of it without `span`) for another one, in return for one of their shifts if named."""

    to: Who
    span: Span | None = None
    in_return: UUID | None = None


async def put_shift(
    session: AsyncSession, actor: Actor, shift_id: UUID, new: NewShift, *, expected: Expected, at: Moment
) -> tuple[Shift, bool]:
    """Add a shift, or change the one of this id; also return whether it is new.

    Raises `Forbidden`, `NotFound`, `Stale`, `ShiftTimes`, `AnswerTime`, `WhoUnknown`, `PlaceUnknown`, `OnLeave`,
    `ShiftOverlap`, `Cancelled`.
    """
    actor.require(Permission.EDIT_ROSTERS)
    check_shift(new)
    own = await path_of(session, actor, new.who)
    path = await place_of(session, actor, new.unit, new.division, own=own, today=at.today)
    row = await session.get(Shift, shift_id, with_for_update=True, populate_existing=True)
    is_new = row is None
    if row is None:
        row = new_row(shift_id)
    else:
        require_valid(row, expected)
    await require_there(session, new.who, new.span)
    said = said_by(new, path)
    if not is_new and all(getattr(row, name) == value for name, value in said.items()):
        return row, False
    await write_changes(session, actor, [(row, said, "shift.added" if is_new else "shift.changed")], now=at.now)
    return row, is_new


async def cancel_shift(
    session: AsyncSession, actor: Actor, shift_id: UUID, *, expected: Expected, now: datetime
) -> Shift:
    """Cancel a shift. Doing so again changes nothing. Raises `Forbidden`, `NotFound`, `Stale`."""
    actor.require(Permission.EDIT_ROSTERS)
    row = await _locked(session, shift_id)
    require_current(row.version, expected)
    if row.cancelled_at is None:
        await write_changes(session, actor, [(row, {"cancelled_at": now}, "shift.cancelled")], now=now)
    return row


async def swap_shift(
    session: AsyncSession, actor: Actor, shift_id: UUID, swap: Swap, *, expected: Expected, now: datetime
) -> list[Shift]:
    """Give hours of a shift to another, whole or in part, all at once; return the shifts that come of it by begin.

    The giver's shift is cut; what is given is a shift of its own. Raises `Forbidden`, `NotFound`, `Stale`, `Cancelled`,
    `SwapOutside`, `SwapWith`, `WhoUnknown`, `OnLeave`, `ShiftOverlap`.
    """
    actor.require(Permission.EDIT_ROSTERS)
    rows = {one: await _locked(session, one) for one in sorted({shift_id, swap.in_return or shift_id})}
    row = rows[shift_id]
    require_valid(row, expected)
    giver, whole, span = who_of(row), span_in(row), swap.span or span_in(row)
    if span.ends_at <= span.starts_at or not whole.holds(span):
        raise SwapOutside(starts_at=whole.starts_at.isoformat(), ends_at=whole.ends_at.isoformat())
    if swap.to == giver:
        raise SwapWith(field="to")
    await path_of(session, actor, swap.to)
    await require_there(session, swap.to, span)
    changes = [*_cut(row, span, swap.to, now=now)]
    if swap.in_return is not None:
        back = rows[swap.in_return]
        require_valid(back, None)
        if who_of(back) != swap.to:
            raise SwapWith(field="in_return")
        await require_there(session, giver, span_in(back))
        changes.append((back, _given_to(giver), "shift.swapped"))
    await write_changes(session, actor, changes, now=now)
    return sorted((shift for shift, _, _ in changes), key=lambda shift: shift.starts_at)


async def put_leave(
    session: AsyncSession, actor: Actor, leave_id: UUID, new: NewLeave, *, expected: Expected, now: datetime
) -> tuple[Leave, bool]:
    """Add leave, or change that of this id; also return whether it is new. Shifts in it stay, and nobody serves them.

    Raises `Forbidden`, `NotFound`, `Stale`, `ShiftTimes`, `WhoUnknown`, `LeaveOverlap`, `Cancelled`.
    """
    actor.require(Permission.EDIT_ROSTERS)
    check_span(new.span, longest=LONGEST_LEAVE)
    path = await path_of(session, actor, new.who)
    row = await session.get(Leave, leave_id, with_for_update=True, populate_existing=True)
    is_new = row is None
    if row is None:
        row = Leave(id=leave_id, version=0, cancelled_at=None)
    else:
        require_valid(row, expected)
    said = {
        "who_kind": new.who.kind.value,
        "who_id": new.who.id,
        "starts_at": new.span.starts_at,
        "ends_at": new.span.ends_at,
        "division_path": path,
    }
    if not is_new and all(getattr(row, name) == value for name, value in said.items()):
        return row, False
    try:
        await write_changes(session, actor, [(row, said, "leave.added" if is_new else "leave.changed")], now=now)
    except ShiftOverlap as error:
        raise LeaveOverlap from error
    return row, is_new


async def cancel_leave(
    session: AsyncSession, actor: Actor, leave_id: UUID, *, expected: Expected, now: datetime
) -> Leave:
    """Cancel leave. Doing so again changes nothing. Raises `Forbidden`, `NotFound`, `Stale`."""
    actor.require(Permission.EDIT_ROSTERS)
    row = await session.get(Leave, leave_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    require_current(row.version, expected)
    if row.cancelled_at is None:
        await write_changes(session, actor, [(row, {"cancelled_at": now}, "leave.cancelled")], now=now)
    return row


def _cut(row: Shift, span: Span, to: Who, *, now: datetime) -> Sequence[Change]:
    """Return what becomes of a shift of which a range goes to another; the giver's first piece keeps its id."""
    left = span_in(row).minus([span])
    if not left:
        return [(row, _given_to(to), "shift.swapped")]
    given = _piece(row, span, now=now) | _given_to(to)
    rest = [_piece(row, piece, now=now) for piece in left[1:]]
    kept = {"starts_at": left[0].starts_at, "ends_at": left[0].ends_at}
    new = [(Shift(id=said.pop("id"), version=0), said, "shift.swapped") for said in (given, *rest)]
    return [(row, kept, "shift.swapped"), *new]


def _given_to(who: Who) -> dict[str, Any]:
    return {"who_kind": who.kind.value, "who_id": who.id}


def _piece(row: Shift, span: Span, *, now: datetime) -> dict[str, Any]:
    same = ("who_kind", "who_id", "attendance", "unit", "answer_minutes", "pattern", "assumed", "note", "division_path")
    name = f"roster:{row.id}:{span.starts_at.isoformat()}:{now.isoformat()}"
    times = {"starts_at": span.starts_at, "ends_at": span.ends_at}
    return {
        **{name: getattr(row, name) for name in same},
        **times,
        "id": uuid5(NAMESPACE_URL, name),
        "cancelled_at": None,
    }


async def _locked(session: AsyncSession, shift_id: UUID) -> Shift:
    row = await session.get(Shift, shift_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row
