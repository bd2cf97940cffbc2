"""Read deadlines and find those due. Row-level security confines them to the session's reach."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.deadlines.rules import subject_of
from console.deadlines.tables import Deadline
from geo.errors import NotFound

Wanted = Select[str, int]
"""Kinds and subjects of deadlines."""


def is_of(kind: str, subject_id: int | None = None) -> ColumnElement[bool]:
    """Match deadlines of this kind, and of one subject if given, by the primary key."""
    of_kind = and_(Deadline.kind == kind, Deadline.subject == subject_of(kind))
    return of_kind if subject_id is None else and_(of_kind, Deadline.subject_id == subject_id)


def is_open() -> ColumnElement[bool]:
    return and_(Deadline.fired_at.is_(None), Deadline.cancelled_at.is_(None))


def due(kinds: Collection[str], *, now: datetime, limit: int) -> Wanted:
    """Select and lock due deadlines of these kinds, earliest first, without those locked by another sweep."""
    wanted = _keys(kinds).where(is_open(), Deadline.due_at <= now).order_by(Deadline.due_at)
    return _locked(wanted, limit=limit)


def to_warn(kinds: Collection[str], *, now: datetime, limit: int) -> Wanted:
    """Select and lock deadlines to warn of, like `due`. Overdue ones are not warned of."""
    wanted = _keys(kinds).where(is_open(), Deadline.warned_at.is_(None), Deadline.warn_at <= now, Deadline.due_at > now)
    return _locked(wanted.order_by(Deadline.warn_at), limit=limit)


async def lock_deadline(session: AsyncSession, kind: str, subject_id: int) -> Deadline:
    """Lock a subject's deadline of this kind until the transaction ends. Raises NotFound."""
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


def _keys(kinds: Collection[str]) -> Wanted:
    return select(Deadline.kind, Deadline.subject_id).where(Deadline.kind.in_(kinds))


def _locked(wanted: Wanted, *, limit: int) -> Wanted:
    return wanted.limit(limit).with_for_update(key_share=True, skip_locked=True)
