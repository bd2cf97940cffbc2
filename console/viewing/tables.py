"""Requests to view cameras, with what became of them. Rows are never deleted, nor what was asked changed."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, Path


class Viewing(Base):
    """One request of one user to view one camera, for `minutes`.

    `refusal` is the code of one that was refused; it may lack a case. `decider` approved or declined it; without one
    it was granted at once. `division_path` is the incident's at that time, the camera's where there is no case.
    """

    __tablename__ = "viewings"
    __table_args__ = (
        CheckConstraint("refusal IS NOT NULL OR incident_id IS NOT NULL", name="for_a_case"),
        CheckConstraint("(granted_at IS NULL) = (expires_at IS NULL)", name="granted_ends"),
        CheckConstraint("num_nonnulls(refusal, granted_at, declined_at) <= 1", name="one_answer"),
        Index("ix_viewings_incident_id", "incident_id"),
        Index("gist_viewings_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    camera_id: Mapped[BigRef]
    camera_code: Mapped[str]
    camera_name: Mapped[str]
    incident_id: Mapped[int | None] = mapped_column(BigInteger)
    case_code: Mapped[str | None]
    user_id: Mapped[BigRef]
    username: Mapped[str]
    reason: Mapped[str]
    minutes: Mapped[int]
    asked_at: Mapped[datetime]
    refusal: Mapped[str | None]
    granted_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decider: Mapped[str | None]
    opened_at: Mapped[datetime | None]
    opens: Mapped[int] = mapped_column(default=0)
    division_path: Mapped[Path]
