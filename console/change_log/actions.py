"""Write the log of changes, inside the transaction of the change."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import display_name_of
from console.access.rules import Actor
from console.change_log.rules import Change
from console.change_log.tables import ChangeEntry


async def log_change(session: AsyncSession, actor: Actor, change: Change, *, now: datetime) -> None:
    """Add an entry. What it says is committed with the change, or not at all."""
    session.add(
        ChangeEntry(
            at=now,
            user_id=actor.user_id,
            author=await display_name_of(session, actor.user_id) or actor.username,
            kind=change.kind.value,
            subject=change.subject,
            reason=change.reason,
            details=dict(change.details),
            division_path=change.path,
        )
    )
    await session.flush()
