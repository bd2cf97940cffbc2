"""Read the log of changes, within the caller's reach."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.change_log.tables import ChangeEntry
from console.cursors import id_of, page_of


async def page_of_changes(
    session: AsyncSession, actor: Actor, *, subject: str | None, limit: int, cursor: str | None
) -> tuple[Sequence[ChangeEntry], str | None]:
    """Return a page of changes, the latest first, of one subject or all. Raises `Forbidden`, `BadCursor`."""
    actor.require(Permission.READ_ACCOUNTS)
    wanted = select(ChangeEntry)
    if subject is not None:
        wanted = wanted.where(ChangeEntry.subject == subject)
    if cursor is not None:
        wanted = wanted.where(ChangeEntry.id < id_of(cursor))
    rows = (await session.scalars(wanted.order_by(ChangeEntry.id.desc()).limit(limit + 1))).all()
    return page_of(rows, limit=limit)
