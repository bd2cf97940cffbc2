"""Tasks 派员: one force sent to one incident, in a role."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, Path


class Task(Base):
    """Assignment of a force to an incident, in a role. `active` is derived from the status.

    Unique indexes allow a force one active task, and an incident one active lead.

    `reason` is that of a decline or recall, or the outcome of a finished task. `sent_by` is the display name of who
    assigned it. `away_m`: metres between force and incident when it said that it arrived, and then that it finished;
    None where its position was not known. `ranking`: what the force was chosen from, as `ranking_of` returns it.

    `division_path` is the incident's; row-level security also shows the row to its own force.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("role IN ('lead', 'support', 'observer')", name="role_known"),
        Index("uq_tasks_force_id_active", "force_id", unique=True, postgresql_where=text("active")),
        Index(
            "uq_tasks_incident_id_lead",
            "incident_id",
            unique=True,
            postgresql_where=text("active AND role = 'lead'"),
        ),
        Index("ix_tasks_incident_id", "incident_id"),
        Index("ix_tasks_force_id_assigned_at", "force_id", "assigned_at"),
        Index("ix_tasks_assigned_at", "assigned_at"),
        Index("ix_tasks_not_permitted", "ended_at", postgresql_where=text("reason = 'not_permitted'")),
        Index("gist_tasks_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    incident_id: Mapped[BigRef] = mapped_column(ForeignKey("incidents.id"))
    force_id: Mapped[BigRef] = mapped_column(ForeignKey("forces.id"))
    role: Mapped[str]
    status: Mapped[str]
    active: Mapped[bool]
    assigned_by: Mapped[int | None] = mapped_column(BigInteger)
    sent_by: Mapped[str] = mapped_column(default="")
    assigned_at: Mapped[datetime]
    answer_due_at: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    departed_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    support_asked_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    away_m: Mapped[float | None]
    cost_minutes: Mapped[float]
    eta_minutes: Mapped[float]
    ranking: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    division_path: Mapped[Path]
    version: Mapped[int]
