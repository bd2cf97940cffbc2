"""Keep, end and prove subscriptions to Web Push, inside the caller's transaction."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.access.tables import Session
from console.messages.queries import subscription_of
from console.messages.rules import NoSubscription
from console.messages.tables import PushSubscription, TaskMessage


async def subscribe(
    session: AsyncSession,
    actor: Actor,
    session_id: int,
    *,
    endpoint: str,
    p256dh: bytes,
    auth: bytes,
    language: str,
    now: datetime,
) -> PushSubscription:
    """Keep the subscription of a session's browser: in the place of the session's other one, and of whoever else was
    signed in there before. The same again by the same person keeps what was proved. Raises Forbidden.
    """
    _require_force(actor)
    await session.execute(select(Session.id).where(Session.id == session_id).with_for_update())
    old = delete(PushSubscription).where(
        PushSubscription.session_id == session_id, PushSubscription.endpoint != endpoint
    )
    await session.execute(old)
    others = select(Session.id).where(Session.user_id != actor.user_id)
    theirs = PushSubscription.endpoint == endpoint, PushSubscription.session_id.in_(others)
    await session.execute(delete(PushSubscription).where(*theirs))
    said = {"session_id": session_id, "p256dh": p256dh, "auth": auth, "language": language}
    new = insert(PushSubscription).values(endpoint=endpoint, made_at=now, **said)
    kept = new.on_conflict_do_update(index_elements=["endpoint"], set_=said).returning(PushSubscription)
    return (await session.scalars(kept, execution_options={"populate_existing": True})).one()


async def unsubscribe(session: AsyncSession, session_id: int) -> None:
    """End a session's subscription. Without one, nothing happens."""
    await session.execute(delete(PushSubscription).where(PushSubscription.session_id == session_id))


async def ask_for_test(session: AsyncSession, actor: Actor, session_id: int, *, now: datetime) -> PushSubscription:
    """Send a test to a session's subscription; one that waits is dropped. Raises Forbidden, NoSubscription."""
    _require_force(actor)
    found = await subscription_of(session, session_id)
    if found is None:
        raise NoSubscription
    of_it = TaskMessage.subscription_id == found.id, TaskMessage.about == "test"
    await session.execute(delete(TaskMessage).where(*of_it))
    session.add(TaskMessage(about="test", subscription_id=found.id, made_at=now, next_at=now, attempts=0))
    await session.flush()
    return found


async def keep_shown(session: AsyncSession, message_id: int, *, now: datetime) -> int | None:
    """Record that a phone showed a message, which proves its subscription. Saying so again changes nothing.

    Returns the task if the message was of a new one.
    """
    shown = update(TaskMessage).where(TaskMessage.id == message_id, TaskMessage.shown_at.is_(None))
    said = shown.values(shown_at=now).returning(TaskMessage.about, TaskMessage.task_id, TaskMessage.subscription_id)
    row = (await session.execute(said)).one_or_none()
    if row is None or row.subscription_id is None:
        return None
    proved = update(PushSubscription).where(PushSubscription.id == row.subscription_id)
    await session.execute(proved.values(proven_at=now))
    task: int | None = row.task_id if row.about == "sent" else None
    return task


def _require_force(actor: Actor) -> None:
    actor.require(Permission.ANSWER_OWN_TASKS)
    if actor.force_id is None:
        raise Forbidden(permission=Permission.ANSWER_OWN_TASKS)
