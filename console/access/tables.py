"""Users, sessions and idempotency records.

Users and sessions carry no division to guard: they are read before anyone's reach is known. Only a digest of a
session's secret is stored.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from geo.store import SCOPED, Base, BigId, BigRef, Path


class User(Base):
    """A person or a program. `scope_path` is the division whose subtree they work in, `sources` are the codes of the
    sources that they may report under, `person_id` their entry in the register of staff.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("username = lower(username)", name="username_in_lower_case"),
        Index("ix_users_force_id", "force_id"),
        Index("ix_users_person_id", "person_id"),
    )

    id: Mapped[BigId]
    username: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    role: Mapped[str]
    scope_path: Mapped[Path]
    sources: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    force_id: Mapped[int | None] = mapped_column(BigInteger)
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    password_hash: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Session(Base):
    """A signed-in browser (`kind` cookie, or wall for a wall's), a program's bearer token (`kind` token), or the
    link of a calendar (`kind` feed), which signs nobody in.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_id", "user_id"), Index("ix_sessions_expires_at", "expires_at"))

    id: Mapped[BigId]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    kind: Mapped[str]
    user_id: Mapped[BigRef] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class IdempotencyKey(Base):
    """Response to a user's request under a key. Read and written by that user's requests only.

    `division_path` is the user's own at the time: the response holds data within it, and users of other divisions
    cannot read it.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"), {"info": SCOPED})

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    division_path: Mapped[Path]
