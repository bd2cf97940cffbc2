"""Web Push subscriptions, and messages about tasks on their way out.

Neither has a division: a subscription belongs to a session, which is read before anyone's reach is known.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import Base, BigId, BigRef


class PushSubscription(Base):
    """A browser's subscription to Web Push, of the session that asked for it: it ends when that is signed out, or is
    deleted. An unused session does not end it: a phone in a pocket sends no requests.

    `endpoint`, `p256dh` (a point of P-256) and `auth` are secrets: whoever has them can show notices there.
    `proven_at`: when the phone last showed one. `accepted_at`: when the push service last took one, which says nothing
    of the phone. `fault`: why it did not, and `failing_since` when that began.
    """

    __tablename__ = "push_subscriptions"

    id: Mapped[BigId]
    session_id: Mapped[BigRef] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), unique=True)
    endpoint: Mapped[str] = mapped_column(unique=True)
    p256dh: Mapped[bytes] = mapped_column(LargeBinary)
    auth: Mapped[bytes] = mapped_column(LargeBinary)
    language: Mapped[str]
    made_at: Mapped[datetime]
    proven_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    fault: Mapped[str | None]


class TaskMessage(Base):
    """A message to a subscription, or to the hook where it has none: of a task that was sent or recalled, or a test.

    `leased_until` is how long a server that took it may work on it; if the server is killed, another one takes it then.
    `shown_at`: when the phone showed it.
    """

    __tablename__ = "task_messages"
    __table_args__ = (
        CheckConstraint("about IN ('sent', 'recalled', 'test')", name="about_known"),
        UniqueConstraint(
            "task_id",
            "about",
            "subscription_id",
            name="uq_task_messages_task_id",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_task_messages_waiting", "id", postgresql_where=text("sent_at IS NULL AND failed_at IS NULL")),
        Index("ix_task_messages_subscription_id", "subscription_id"),
    )

    id: Mapped[BigId]
    about: Mapped[str]
    task_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("tasks.id", ondelete="CASCADE"))
    subscription_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("push_subscriptions.id", ondelete="CASCADE")
    )
    made_at: Mapped[datetime]
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    fault: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
