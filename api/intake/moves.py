"""Update what depends on the division of forces that moved."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.alarms.actions import move_alarms
from console.positions.actions import update_fix_divisions
from console.presence.actions import move_presences


async def follow_forces(session: AsyncSession, forces: Collection[int], *, now: datetime) -> None:
    """Move latest fixes, open alarms and presences of forces to their present divisions, to be seen by others there."""
    await update_fix_divisions(session, forces)
    await move_alarms(session, forces, now=now)
    await move_presences(session, forces, now=now)
