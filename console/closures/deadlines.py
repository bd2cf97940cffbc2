"""The begin and the end of a closure that were stated when the roads were closed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.closures.events import KIND, change_of
from console.closures.tables import Closure
from console.deadlines.actions import Planned, cancel_deadlines, plan_deadlines
from console.deadlines.rules import DeadlineKind
from console.feed.actions import append

BEGIN, END = f"{KIND.name}.begin", f"{KIND.name}.end"


async def plan_times(session: AsyncSession, closure: Closure) -> None:
    """Set the deadlines of a closure: of its begin if that is to come, of its end if it has one.

    They are due at these very moments: what is closed is told by the same ones.
    """
    if closure.starts_at > closure.opened_at:
        await plan_deadlines(session, BEGIN, [_planned(closure, closure.starts_at)])
    if closure.ends_at is not None:
        await plan_deadlines(session, END, [_planned(closure, closure.ends_at)])


def _planned(closure: Closure, due_at: datetime) -> Planned:
    seconds = round((due_at - closure.opened_at).total_seconds())
    return Planned(closure.id, closure.division_path, closure.opened_at, seconds, "second", due_at)


async def cancel_times(session: AsyncSession, closure: Closure, *, now: datetime) -> None:
    """Cancel the deadlines of a closure that was lifted."""
    await cancel_deadlines(session, KIND.name, closure.id, now=now)


async def begin_closures(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
    """Tell of the closures that begin, as of new ones: whoever has ways asks for them again."""
    return await _change(session, subjects, now=now, ended_at=None)


async def end_closures(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
    """End the closures whose time is over."""
    return await _change(session, subjects, now=now, ended_at=now)


async def _change(
    session: AsyncSession, subjects: Sequence[int], *, now: datetime, ended_at: datetime | None
) -> Collection[int]:
    """Write the next version of those that are open. Locked rows are left to the next sweep: somebody may be lifting
    one.
    """
    wanted = select(Closure).where(Closure.id.in_(subjects)).order_by(Closure.id)
    held = (await session.scalars(wanted.with_for_update(skip_locked=True))).all()
    changed = [closure for closure in held if closure.ended_at is None]
    for closure in changed:
        closure.ended_at = ended_at
        closure.version += 1
    await session.flush()
    await append(session, [change_of(closure) for closure in changed], now=now)
    return [closure.id for closure in held]


KINDS = (DeadlineKind(BEGIN, on_due=begin_closures), DeadlineKind(END, on_due=end_closures))
