"""Which deadlines are open, due, or near; row-level security confines them to the session's reach."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.deadlines.rules import subject_of
from console.deadlines.tables import Deadline
from geo.errors import NotFound


def is_of(kind: str, subject_id: int | None = None) -> ColumnElement[bool]:
    """Whether it is of this kind, and of that subject if one is given; by the primary key."""
    of_kind = and_(Deadline.kind == kind, Deadline.subject == subject_of(kind))
    return of_kind if subject_id is None else and_(of_kind, Deadline.subject_id == subject_id)


def is_open() -> ColumnElement[bool]:
    return and_(Deadline.fired_at.is_(None), Deadline.cancelled_at.is_(None))


def is_due(now: datetime) -> ColumnElement[bool]:
    return and_(is_open(), Deadline.due_at <= now)


def is_to_warn(now: datetime) -> ColumnElement[bool]:
    """Not yet due and not yet warned of: of what is overdue already nobody is warned."""
    return and_(is_open(), Deadline.warned_at.is_(None), Deadline.warn_at <= now, Deadline.due_at > now)


async def lock_deadline(session: AsyncSession, kind: str, subject_id: int) -> Deadline:
    """A subject's deadline of this kind, locked until the transaction ends. Raises NotFound."""
    query = (
        select(Deadline)
        .where(is_of(kind, subject_id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found = (await session.scalars(query)).one_or_none()
    if found is None:
        raise NotFound
    return found
