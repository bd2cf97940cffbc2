"""Send notices to other systems: in the order of each case, at least once, by senders that a server names.

A sending is leased, sent outside any transaction, then marked. A server that is killed in between leaves a lease that
ends, and another one sends again with the same key: the receiver drops what it has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from console.notices.rules import GIVE_UP_AFTER, wait_of
from console.notices.tables import Notice, NoticeSending
from geo.errors import MaplebridgeError

LEASE = timedelta(minutes=2)
AT_ONCE = 20


class SendingFailed(MaplebridgeError):
    """The other system did not take a notice. `params`: `fault`."""

    code = "notice.sending"


@dataclass(frozen=True, slots=True)
class Message:
    """A notice as other systems get it: codes, times and the case code; nobody's words, names or places.

    `key` is the same however often it is sent.
    """

    notice_id: int
    key: str
    body: Mapping[str, Any]


class Sender(Protocol):
    """A way to another system."""

    @property
    def name(self) -> str:
        """What its sendings are kept under."""

    async def send(self, message: Message) -> None:
        """Send one message; return when the other system has it. Raises SendingFailed."""


async def lease(session: AsyncSession, sender: str, *, now: datetime) -> list[Message]:
    """Take the next notice of each case that waits for a sender, for two minutes."""
    earlier = aliased(NoticeSending)
    is_waiting = NoticeSending.sent_at.is_(None) & NoticeSending.failed_at.is_(None)
    held_back = exists().where(
        earlier.sender == sender,
        earlier.queue == NoticeSending.queue,
        earlier.notice_id < NoticeSending.notice_id,
        earlier.sent_at.is_(None),
        earlier.failed_at.is_(None),
    )
    wanted = (
        select(NoticeSending)
        .where(
            NoticeSending.sender == sender,
            is_waiting,
            NoticeSending.next_at <= now,
            NoticeSending.leased_until.is_(None) | (NoticeSending.leased_until <= now),
            ~held_back,
        )
        .order_by(NoticeSending.notice_id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, key_share=True)
    )
    taken = (await session.scalars(wanted.execution_options(populate_existing=True))).all()
    for sending in taken:
        sending.leased_until = now + LEASE
    notices = await session.scalars(select(Notice).where(Notice.id.in_([one.notice_id for one in taken])))
    messages = [message_of(notice) for notice in notices]
    await session.flush()
    return sorted(messages, key=lambda message: message.notice_id)


async def mark_sent(session: AsyncSession, sender: str, notice_id: int, *, now: datetime) -> None:
    """Mark a notice as sent."""
    await session.execute(update(NoticeSending).where(*_one(sender, notice_id)).values(sent_at=now, leased_until=None))


async def mark_failed(session: AsyncSession, sender: str, notice_id: int, *, fault: str, now: datetime) -> None:
    """Try a notice again later, longer after each failure. After three days it is given up, and the next one goes."""
    sending = await session.scalar(select(NoticeSending).where(*_one(sender, notice_id)).with_for_update())
    made_at = await session.scalar(select(Notice.made_at).where(Notice.id == notice_id))
    if sending is None or made_at is None:
        return
    sending.attempts += 1
    sending.fault, sending.leased_until = fault, None
    sending.next_at = now + wait_of(sending.attempts)
    if now - made_at > GIVE_UP_AFTER:
        sending.failed_at = now
    await session.flush()


def _one(sender: str, notice_id: int) -> tuple[Any, Any]:
    return NoticeSending.notice_id == notice_id, NoticeSending.sender == sender


def message_of(notice: Notice) -> Message:
    """Build what other systems get of a notice."""
    body = {
        "id": notice.id,
        "kind": notice.kind,
        "case_code": notice.case_code,
        "to_unit": notice.to_unit,
        "to_post": notice.to_post,
        "to_force": notice.to_force,
        "urgent": notice.urgent,
        "made_at": notice.made_at.isoformat(),
        "answer_due_at": notice.answer_due_at.isoformat() if notice.answer_due_at else None,
        "body": notice.body,
    }
    return Message(notice.id, notice.key, body)
