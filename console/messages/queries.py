"""Read a session's subscription to Web Push."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.messages.tables import PushSubscription, TaskMessage


async def subscription_of(session: AsyncSession, session_id: int) -> PushSubscription | None:
    """Return the subscription of a session, None without one."""
    found: PushSubscription | None = await session.scalar(
        select(PushSubscription).where(PushSubscription.session_id == session_id)
    )
    return found


async def last_test_of(session: AsyncSession, subscription_id: int) -> TaskMessage | None:
    """Return the last test of a subscription, None without one."""
    of_it = TaskMessage.subscription_id == subscription_id, TaskMessage.about == "test"
    found: TaskMessage | None = await session.scalar(select(TaskMessage).where(*of_it))
    return found
