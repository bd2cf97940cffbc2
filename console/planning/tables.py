"""Plans 网格调整方案: drafts over the lines of a division, their operations, and what was said and done about them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, Path


class Plan(Base):
    """A draft over the lines of a division and all below, as of `base_day`.

    `head` is the id of the last operation that is in force, 0 without any: undo moves it back, redo forward. Every
    change increments `version`.
    """

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'submitted', 'returned', 'approved', 'scheduled', 'published', 'withdrawn')",
            name="state_known",
        ),
        Index("gist_plans_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    division_path: Mapped[Path]
    title: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    base_day: Mapped[date]
    state: Mapped[str]
    head: Mapped[int] = mapped_column(BigInteger, default=0)
    created_by: Mapped[BigRef]
    author: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int]


class PlanOperation(Base):
    """An operation of a plan, as JSON. Rows are only ever added: undo and redo move the plan's `head`.

    `follows` is the id of the operation that was the last in force when this one came, 0 for none: the operations in
    force are the plan's head and all that it follows. `author` is the display name of who did it.
    """

    __tablename__ = "plan_operations"
    __table_args__ = (
        CheckConstraint("follows >= 0 AND follows < id", name="follows_earlier"),
        Index("ix_plan_operations_plan_id", "plan_id"),
        Index("gist_plan_operations_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    plan_id: Mapped[BigRef] = mapped_column(ForeignKey("plans.id"))
    follows: Mapped[int] = mapped_column(BigInteger)
    operation: Mapped[dict[str, Any]]
    created_by: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str]
    at: Mapped[datetime]
    division_path: Mapped[Path]


class PlanEntry(Base):
    """An entry in a plan's record: a comment, a review, or a step. Rows are only ever added.

    `version` is that of the plan after it. `operation` is the id of the operation that was undone or redone. A comment
    may have a place, `lon` and `lat` in WGS-84.
    """

    __tablename__ = "plan_entries"
    __table_args__ = (
        Index("ix_plan_entries_plan_id", "plan_id", "id"),
        Index("gist_plan_entries_division_path", "division_path", postgresql_using="gist"),
        CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="place_whole"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    plan_id: Mapped[BigRef] = mapped_column(ForeignKey("plans.id"))
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    operation: Mapped[int | None] = mapped_column(BigInteger)
    created_by: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str]
    at: Mapped[datetime]
    version: Mapped[int]
    division_path: Mapped[Path]
    lon: Mapped[float | None] = mapped_column(default=None)
    lat: Mapped[float | None] = mapped_column(default=None)


class PlanPublication(Base):
    """A plan's lines with their first day. It waits for the day, is in force from `applied_at` on, and is over at
    `ended_at`: withdrawn before its day, undone, or not possible on its day any more.

    `codes` gives the final code of each provisional one, for ever: codes of publications that are over are not used
    again. `posts` gives the division that a publisher has chosen for forces, by id. `lines` holds what undoing needs:
    see `console/planning/new_lines.py`.
    """

    __tablename__ = "plan_publications"
    __table_args__ = (
        Index("uq_plan_publications_plan_id_open", "plan_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("gist_plan_publications_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    plan_id: Mapped[BigRef] = mapped_column(ForeignKey("plans.id"))
    division_path: Mapped[Path]
    first_day: Mapped[date]
    codes: Mapped[dict[str, Any]]
    posts: Mapped[dict[str, Any]]
    created_by: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str]
    at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    lines: Mapped[dict[str, Any]] = mapped_column(default=dict)


class PlanTransfer(Base):
    """A thing that changed hands by a publication: from which division to which, by which rule. Only ever added."""

    __tablename__ = "plan_transfers"
    __table_args__ = (
        UniqueConstraint("publication_id", "thing", "subject_id"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    publication_id: Mapped[BigRef] = mapped_column(ForeignKey("plan_publications.id"))
    thing: Mapped[str]
    subject_id: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str]
    from_path: Mapped[Path]
    to_path: Mapped[Path]
    division_path: Mapped[Path]
