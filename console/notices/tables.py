"""Notices 提醒、催办、通报 to posts, units and forces, and their sending to other systems."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, Path


class Notice(Base):
    """A notice about an incident's case, or about none. `key` is its idempotency key: what it is about, once.

    It goes to a post, a unit or a force; to none of them where no case says whose it is, and then to those who oversee
    the division. `body` holds codes and numbers, never prose. It is shown from `shown_at` on, which is within hours
    unless it is urgent. `answer_due_at` is set where an answer is asked for.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_incident_id", "incident_id"),
        Index("ix_notices_to_unit", "to_unit", "id"),
        Index("ix_notices_to_post", "to_post", "id"),
        Index("ix_notices_to_force", "to_force", "id"),
        Index("gist_notices_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    incident_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("incidents.id"))
    case_code: Mapped[str | None]
    to_unit: Mapped[str | None]
    to_post: Mapped[int | None] = mapped_column(BigInteger)
    to_force: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("forces.id"))
    from_unit: Mapped[str | None]
    from_post: Mapped[int | None] = mapped_column(BigInteger)
    made_by: Mapped[int | None] = mapped_column(BigInteger)
    body: Mapped[dict[str, Any]]
    note: Mapped[str]
    urgent: Mapped[bool]
    made_at: Mapped[datetime]
    shown_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by: Mapped[int | None] = mapped_column(BigInteger)
    answer_due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answer: Mapped[str | None]
    division_path: Mapped[Path]


class NoticeSending(Base):
    """A notice on its way out by one sender. Of one case, each waits for the one before it.

    `leased_until` is how long a server that took it may work on it; if the server is killed, another one takes it then.
    """

    __tablename__ = "notice_sendings"
    __table_args__ = (
        Index(
            "ix_notice_sendings_waiting",
            "sender",
            "queue",
            "notice_id",
            postgresql_where=text("sent_at IS NULL AND failed_at IS NULL"),
        ),
        {"info": SCOPED},
    )

    notice_id: Mapped[BigRef] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    sender: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str]
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    fault: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    division_path: Mapped[Path]
