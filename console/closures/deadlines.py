"""The end of a closure that was stated when the roads were closed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.closures.events import KIND, change_of
from console.closures.tables import Closure
from console.deadlines.actions import DeadlineRequest, cancel_deadlines, set_deadline
from console.deadlines.rules import DeadlineKind, Limit
from console.feed.actions import append

END = f"{KIND.name}.end"


async def set_end(session: AsyncSession, closure: Closure) -> None:
    """Set the deadline of the closure's end, if it has one."""
    if closure.ends_at is not None:
        limit = Limit.of(closure.ends_at - closure.opened_at)
        await set_deadline(session, END, DeadlineRequest(closure.id, closure.division_path, closure.opened_at, limit))


async def cancel_end(session: AsyncSession, closure: Closure, *, now: datetime) -> None:
    """Cancel the deadline of a closure that was lifted."""
    await cancel_deadlines(session, KIND.name, closure.id, now=now)


async def end_closures(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
    """End the closures whose time is over. Locked rows are left to the next sweep: somebody may be lifting one."""
    wanted = select(Closure).where(Closure.id.in_(subjects)).order_by(Closure.id)
    held = (await session.scalars(wanted.with_for_update(skip_locked=True))).all()
    over = [closure for closure in held if closure.ended_at is None]
    for closure in over:
        closure.ended_at = now
        closure.version += 1
    await session.flush()
    await append(session, [change_of(closure) for closure in over], now=now)
    return [closure.id for closure in held]


KINDS = (DeadlineKind(END, on_due=end_closures),)
