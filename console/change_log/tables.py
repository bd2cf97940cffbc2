"""The log of changes 变更记录 to the register and to accounts: who, when, what, and why. Rows are only added."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path


class ChangeEntry(Base):
    """One change. `subject` is a unit's code or a username, `details` the fields changed, each with before and after.

    `division_path` is that of the subject. No password and no token ever stands here.
    """

    __tablename__ = "change_log"
    __table_args__ = (
        Index("ix_change_log_subject", "subject", "id"),
        Index("gist_change_log_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    reason: Mapped[str]
    details: Mapped[dict[str, Any]]
    division_path: Mapped[Path]
