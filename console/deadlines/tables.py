"""Deadlines 时限 of incidents and tasks."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, Path

OPEN = "fired_at IS NULL AND cancelled_at IS NULL"


class Deadline(Base):
    """A deadline of a subject, an entity given by kind and id; at most one of each kind for a subject.

    `started_at`, `amount`, `unit` and `warn_share` hold the limit, so that the dates can be recomputed when the
    calendar changes. It is open until it has fired or is cancelled. `division_path` is the subject's.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        Index("ix_deadlines_due", "due_at", postgresql_where=text(OPEN)),
        Index(
            "ix_deadlines_warn",
            "warn_at",
            postgresql_where=text(f"{OPEN} AND warned_at IS NULL AND warn_at IS NOT NULL"),
        ),
        {"info": SCOPED},
    )

    subject: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    amount: Mapped[int]
    unit: Mapped[str]
    warn_share: Mapped[float | None]
    due_at: Mapped[datetime]
    warn_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    fired_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    division_path: Mapped[Path]
