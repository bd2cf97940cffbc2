"""Update what depends on the division of forces that moved."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.alarms.actions import move_alarms
from console.positions.actions import update_fix_divisions


async def follow_forces(session: AsyncSession, forces: Collection[int], *, now: datetime) -> None:
    """Move latest fixes and open alarms of forces to their present divisions: others there could not see them."""
    await update_fix_divisions(session, forces)
    await move_alarms(session, forces, now=now)
