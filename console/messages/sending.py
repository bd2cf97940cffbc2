"""Find what has to be sent of tasks, take it for a while, and keep what became of it.

A task that waits for its answer is what is to be sent: nothing is queued when it is assigned, so nothing can be lost
there. A message is taken in one transaction, sent outside any, and marked in another. A server that is killed in
between leaves a lease that ends, and another one sends it again: the phone puts it in the place of the first, and the
hook knows it by its id.
"""

from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import CursorResult, Row, delete, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.messages.rules import (
    RECALL_TOLD_FOR,
    TEST_TRIED_FOR,
    TRIED_FOR,
    Answer,
    Outcome,
    Outgoing,
    Subscription,
    TaskSaid,
    wait_after,
)
from console.messages.tables import PushSubscription, TaskMessage

LEASE = timedelta(seconds=30)
AT_ONCE = 20
KEPT = timedelta(days=7)


ADD_FOR_PHONES = text("""
INSERT INTO task_messages (about, task_id, subscription_id, made_at, next_at, attempts)
SELECT 'sent', t.id, s.id, :now, :now, 0
FROM push_subscriptions s
JOIN sessions n ON n.id = s.session_id AND n.revoked_at IS NULL
JOIN users u ON u.id = n.user_id AND u.disabled_at IS NULL
JOIN tasks t ON t.force_id = u.force_id AND t.active AND t.status = 'assigned' AND t.assigned_at > :since
WHERE NOT EXISTS (
    SELECT FROM task_messages m WHERE m.task_id = t.id AND m.about = 'sent' AND m.subscription_id = s.id
)
ON CONFLICT DO NOTHING
""")
ADD_FOR_HOOK = text("""
INSERT INTO task_messages (about, task_id, made_at, next_at, attempts)
SELECT 'sent', t.id, :now, :now, 0 FROM tasks t
WHERE t.active AND t.status = 'assigned' AND t.assigned_at > :since AND NOT EXISTS (
    SELECT FROM task_messages m WHERE m.task_id = t.id AND m.about = 'sent' AND m.subscription_id IS NULL
)
ON CONFLICT DO NOTHING
""")
ADD_RECALLED = text("""
INSERT INTO task_messages (about, task_id, subscription_id, made_at, next_at, attempts)
SELECT 'recalled', t.id, m.subscription_id, :now, :now, 0
FROM task_messages m JOIN tasks t ON t.id = m.task_id AND t.status = 'recalled' AND t.ended_at > :recent
WHERE m.about = 'sent' AND m.made_at > :since AND (m.subscription_id IS NULL) = :hook
    AND (m.sent_at IS NOT NULL OR m.attempts > 0 OR m.leased_until IS NOT NULL)
ON CONFLICT DO NOTHING
""")
TAKE = text("""
SELECT m.id, m.about, m.made_at, t.id AS task, f.code AS force, t.role, i.risk, t.assigned_at, t.answer_due_at,
    s.id AS subscription, s.endpoint, s.p256dh, s.auth, s.language
FROM task_messages m
LEFT JOIN (tasks t JOIN forces f ON f.id = t.force_id JOIN incidents i ON i.id = t.incident_id) ON t.id = m.task_id
LEFT JOIN (
    push_subscriptions s
    JOIN sessions n ON n.id = s.session_id AND n.revoked_at IS NULL
    JOIN users u ON u.id = n.user_id AND u.disabled_at IS NULL
) ON s.id = m.subscription_id
WHERE m.sent_at IS NULL AND m.failed_at IS NULL AND m.next_at <= :now AND m.made_at > :since
    AND (m.leased_until IS NULL OR m.leased_until <= :now)
    AND CASE WHEN :hook THEN m.subscription_id IS NULL ELSE s.id IS NOT NULL END
    AND CASE m.about
        WHEN 'sent' THEN t.active AND t.status = 'assigned'
        WHEN 'test' THEN m.made_at > :tests
        ELSE true
    END
ORDER BY m.id LIMIT :most FOR UPDATE OF m SKIP LOCKED
""")


class Way(Protocol):
    """A way out: to push services, or to the hook."""

    @property
    def name(self) -> str:
        """What it is called in health and logs: `push` or `hook`."""

    async def send(self, message: Outgoing) -> Answer:
        """Send a message, within seconds; return what became of it."""


async def take_due(session: AsyncSession, *, hook: bool, now: datetime) -> list[Outgoing]:
    """Take the messages that are due on a way, 20 at most, for half a minute; add those of new and recalled tasks."""
    since = now - TRIED_FOR
    await session.execute(ADD_FOR_HOOK if hook else ADD_FOR_PHONES, {"now": now, "since": since})
    recent = now - RECALL_TOLD_FOR
    await session.execute(ADD_RECALLED, {"now": now, "since": since, "recent": recent, "hook": hook})
    wanted = {"now": now, "since": since, "hook": hook, "tests": now - TEST_TRIED_FOR, "most": AT_ONCE}
    taken = [_outgoing(row) for row in await session.execute(TAKE, wanted)]
    lease = update(TaskMessage).where(TaskMessage.id.in_([message.id for message in taken]))
    if taken:
        await session.execute(lease.values(leased_until=now + LEASE))
    return taken


async def mark(session: AsyncSession, message: Outgoing, answer: Answer, *, now: datetime) -> None:
    """Keep what became of a message, and of its subscription: one that is gone is deleted, with its messages."""
    if answer.outcome is Outcome.GONE and message.to is not None:
        # By its address as well: the phone may have a new one meanwhile.
        gone = PushSubscription.id == message.to.id, PushSubscription.endpoint == message.to.endpoint
        await session.execute(delete(PushSubscription).where(*gone))
        return
    found = await session.get(TaskMessage, message.id, with_for_update=True)
    if found is None:
        return
    found.attempts, found.leased_until, found.fault = found.attempts + 1, None, answer.fault
    match answer.outcome:
        case Outcome.TAKEN:
            found.sent_at = now
        case Outcome.LATER:
            found.next_at = now + wait_after(found.attempts, answer.wait)
        case _:
            found.failed_at = now
    if message.to is not None:
        await _keep_health(session, message.to.id, answer, now=now)


async def _keep_health(session: AsyncSession, subscription_id: int, answer: Answer, *, now: datetime) -> None:
    found = await session.get(PushSubscription, subscription_id, with_for_update=True)
    if found is None:
        return
    found.fault = answer.fault
    if answer.outcome is Outcome.TAKEN:
        found.accepted_at, found.failing_since = now, None
    else:
        found.failing_since = found.failing_since or now


async def delete_old_messages(session: AsyncSession, *, now: datetime) -> int:
    """Delete messages older than a week; return how many."""
    gone = await session.execute(delete(TaskMessage).where(TaskMessage.made_at < now - KEPT))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def _outgoing(row: Row[Any]) -> Outgoing:
    task = None
    if row.task is not None:
        task = TaskSaid(row.task, row.force, row.role, row.risk, row.assigned_at, row.answer_due_at)
    to = None
    if row.subscription is not None:
        to = Subscription(row.subscription, row.endpoint, bytes(row.p256dh), bytes(row.auth), row.language)
    return Outgoing(row.id, row.about, row.made_at, task, to)
