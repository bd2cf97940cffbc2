"""Daily maintenance: add and drop partitions, delete old idempotency keys and sessions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.actions import delete_ended_sessions, delete_old_keys
from console.commands.actions import delete_old_commands
from console.messages.sending import delete_old_messages
from console.rounds.actions import forget_places

DAYS_AHEAD = 3
KEYS_KEPT = timedelta(days=1)
"""Clients do not retry a write for longer, and the stored responses may be personal."""

SESSIONS_KEPT = timedelta(days=7)
COMMANDS_KEPT = timedelta(days=90)
"""A phone may be without a network for long; its commands come again with the same ids."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Days for which positions and the feed are kept."""

    position_days: int
    feed_days: int


async def add_partitions(session: AsyncSession, *, today: date) -> None:
    """Add the partitions of the next days."""
    await session.execute(select(func.add_partitions(today, DAYS_AHEAD)))


async def drop_partitions(session: AsyncSession, kept: Kept, *, today: date) -> None:
    """Drop the partitions of the feed and of the fixes that are older than kept."""
    await session.execute(select(func.drop_partitions("feed_log", today - timedelta(days=kept.feed_days))))
    await session.execute(select(func.drop_partitions("fixes", today - timedelta(days=kept.position_days))))


async def forget_old_places(session: AsyncSession, kept: Kept, *, now: datetime) -> None:
    """Delete where rounds were reported from as long ago as fixes are kept. The distances stay."""
    await forget_places(session, before=now - timedelta(days=kept.position_days))


async def forget(session: AsyncSession, *, now: datetime) -> None:
    """Delete idempotency keys older than a day, sessions that ended over a week ago, messages about tasks as old,
    and commands of phones that are done and older than 90 days.
    """
    await delete_old_keys(session, before=now - KEYS_KEPT)
    await delete_ended_sessions(session, before=now - SESSIONS_KEPT)
    await delete_old_commands(session, before=now - COMMANDS_KEPT)
    await delete_old_messages(session, now=now)
