"""Days that are to come get their partition, days that are over lose theirs."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

DAYS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many days positions and the feed are kept."""

    position_days: int
    feed_days: int


async def keep_partitions(session: AsyncSession, kept: Kept, *, today: date) -> None:
    """Add the partitions of the next days, and drop those of the feed and of the fixes that are past keeping."""
    await session.execute(select(func.add_partitions(today, DAYS_AHEAD)))
    await session.execute(select(func.drop_partitions("feed_log", today - timedelta(days=kept.feed_days))))
    await session.execute(select(func.drop_partitions("fixes", today - timedelta(days=kept.position_days))))
