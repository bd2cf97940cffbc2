"""Read notices within the caller's reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.access.sight import Sight, Subject, sight_of
from console.cursors import id_of, page_of
from console.notices.rules import URGE, Addresses
from console.notices.tables import Notice
from geo.errors import NotFound


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """Which notices are asked for; a condition left out is none. `mine`: those that reach the person themselves."""

    mine: bool = True
    unread: bool | None = None
    unanswered: bool | None = None
    incident_id: int | None = None


async def list_notices(
    session: AsyncSession,
    actor: Actor,
    own: Addresses,
    wanted: NoticeFilter,
    *,
    now: datetime,
    limit: int,
    cursor: str | None = None,
) -> tuple[Sequence[Notice], str | None]:
    """Return a page of notices, the latest first, and the cursor of the next. Raises Forbidden, BadCursor."""
    sight = sight_of(actor.role, Subject.INCIDENTS)
    if sight not in (Sight.OPEN, Sight.OWN):
        raise Forbidden(permission=Permission.READ_INCIDENTS)
    query = select(Notice).where(Notice.shown_at <= now).order_by(Notice.id.desc()).limit(limit + 1)
    if wanted.mine or sight is Sight.OWN:
        query = query.where(reaches(own))
    if wanted.unread is not None:
        query = query.where(Notice.read_at.is_(None) if wanted.unread else Notice.read_at.is_not(None))
    if wanted.unanswered is not None:
        open_ones = Notice.answer_due_at.is_not(None) & Notice.answered_at.is_(None)
        query = query.where(open_ones if wanted.unanswered else ~open_ones)
    if wanted.incident_id is not None:
        query = query.where(Notice.incident_id == wanted.incident_id)
    if cursor is not None:
        query = query.where(Notice.id < id_of(cursor))
    return page_of((await session.scalars(query)).all(), limit=limit)


async def unanswered_urge(session: AsyncSession, incident_id: int, *, unit: str | None, now: datetime) -> Notice | None:
    """Return the urging of a unit for a case that waits for its answer and is not past its time; None without one."""
    wanted = select(Notice).where(
        Notice.incident_id == incident_id,
        Notice.kind == URGE,
        Notice.to_unit == unit,
        Notice.answered_at.is_(None),
        Notice.answer_due_at > now,
    )
    found: Notice | None = await session.scalar(wanted.limit(1))
    return found


async def get_own_notice(
    session: AsyncSession, actor: Actor, own: Addresses, notice_id: int, *, now: datetime
) -> Notice:
    """Lock and return a notice that reaches the person. Raises NotFound."""
    may = sight_of(actor.role, Subject.INCIDENTS) in (Sight.OPEN, Sight.OWN)
    query = select(Notice).where(Notice.id == notice_id, Notice.shown_at <= now, reaches(own))
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: Notice | None = await session.scalar(locked) if may else None
    if found is None:
        raise NotFound
    return found


def reaches(own: Addresses) -> ColumnElement[bool]:
    """Match notices that reach a person: of their posts, of their units' queues, of their force."""
    clauses: list[ColumnElement[bool]] = [false()]
    if own.posts:
        clauses.append(Notice.to_post.in_(own.posts))
    if own.units:
        clauses.append(Notice.to_unit.in_(own.units) & Notice.to_post.is_(None))
    if own.force is not None:
        clauses.append(Notice.to_force == own.force)
    if own.oversees:
        clauses.append(Notice.to_force.is_(None) & Notice.to_unit.is_(None) & Notice.to_post.is_(None))
    return or_(*clauses)
