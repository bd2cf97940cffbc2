"""Presence 在线情况: what the page of a force's phone said last."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, Path


class Presence(Base):
    """The page of a force's phone, one row a force under the force's id. A force without a row never opened it.

    `state`: in front, or in the background, where it sends no positions; `since` when it said so first. `task_id` is
    the last task that the page had: `reached_at` when it came there, `seen_at` when it was in front of someone.
    `notified_task_id` is the last task of which a phone showed a notice by Web Push, `notified_at` when.
    """

    __tablename__ = "presences"
    __table_args__ = (
        CheckConstraint("state IN ('front', 'background')", name="state_known"),
        Index("gist_presences_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[int] = mapped_column(BigInteger, ForeignKey("forces.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str]
    since: Mapped[datetime]
    task_id: Mapped[int | None] = mapped_column(BigInteger)
    reached_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    notified_task_id: Mapped[int | None] = mapped_column(BigInteger)
    notified_at: Mapped[datetime | None]
    division_path: Mapped[Path]
    version: Mapped[int]
