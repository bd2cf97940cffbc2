"""Rosters 值班: shifts, leave, and a record of every change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, Index, func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path

_DURING = func.tstzrange(literal_column("starts_at"), literal_column("ends_at"))
_VALID: ColumnElement[bool] = literal_column("cancelled_at IS NULL")


class Shift(Base):
    """A shift of a force, person or unit (`who_kind`, `who_id`): from `starts_at` until before `ends_at`.

    `attendance` is `resident`, `rotating` or `on_call`, and `answer_minutes` how soon somebody on call is there. It is
    served at `unit` (a code), or anywhere in the division. `pattern` is what laid it, empty by hand; `assumed`: by a
    calendar that was not published. A cancelled shift keeps its row, so that exported calendars learn of it.
    """

    __tablename__ = "roster_shifts"
    __table_args__ = (
        ExcludeConstraint(
            ("who_kind", "="),
            ("who_id", "="),
            (_DURING, "&&"),
            name="roster_shifts_who_excl",
            using="gist",
            where=_VALID,
            deferrable=True,
            initially="IMMEDIATE",
        ),
        CheckConstraint("ends_at > starts_at", name="times_in_order"),
        CheckConstraint("who_kind IN ('force', 'person', 'unit')", name="who_known"),
        CheckConstraint("attendance IN ('resident', 'rotating', 'on_call')", name="attendance_known"),
        CheckConstraint("answer_minutes IS NULL OR attendance = 'on_call'", name="answer_on_call"),
        Index("ix_roster_shifts_who", "who_kind", "who_id", "ends_at"),
        Index("ix_roster_shifts_ends_at", "ends_at", "starts_at"),
        Index("gist_roster_shifts_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    who_kind: Mapped[str]
    who_id: Mapped[int] = mapped_column(BigInteger)
    attendance: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    unit: Mapped[str | None]
    answer_minutes: Mapped[int | None]
    pattern: Mapped[str]
    assumed: Mapped[bool]
    note: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int] = mapped_column(BigInteger)
    division_path: Mapped[Path]
    version: Mapped[int]


class Leave(Base):
    """Leave 请假 of a force, person or unit. It takes away from shifts without changing them. No cause is kept."""

    __tablename__ = "roster_leaves"
    __table_args__ = (
        ExcludeConstraint(
            ("who_kind", "="),
            ("who_id", "="),
            (_DURING, "&&"),
            name="roster_leaves_who_excl",
            using="gist",
            where=_VALID,
        ),
        CheckConstraint("ends_at > starts_at", name="times_in_order"),
        CheckConstraint("who_kind IN ('force', 'person', 'unit')", name="who_known"),
        Index("ix_roster_leaves_who", "who_kind", "who_id", "ends_at"),
        Index("gist_roster_leaves_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    who_kind: Mapped[str]
    who_id: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int] = mapped_column(BigInteger)
    division_path: Mapped[Path]
    version: Mapped[int]


class RosterChange(Base):
    """Who changed a shift or leave (`entity`), when, and to what. Rows are only added."""

    __tablename__ = "roster_changes"
    __table_args__ = (
        Index("ix_roster_changes_entity", "entity", "id"),
        Index("gist_roster_changes_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    entity: Mapped[UUID]
    kind: Mapped[str]
    at: Mapped[datetime]
    actor_id: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]]
    division_path: Mapped[Path]
