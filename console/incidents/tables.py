"""Incidents 事件 and their timelines."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, MaybePoint, Path


class Incident(Base):
    """An incident with its case code 一案一码.

    `grid_code`, `village_code` and `division_path` are those of today while it is open: new lines hand it over. Once it
    is closed, later lines change nothing.
    `raw_x`, `raw_y` are the coordinates as reported, in `datum`. An incident that waits for a place 待定位 has none of
    these and no `geom`, only an `address` in words. Every change increments `version`.

    `reported_digest` is the digest of the content that its source sent last; `differs_at` is when that came with other
    content than before, until somebody edits the incident.

    `duplicate_of_id` is the original of a likely duplicate. `merged_into_id` is the main incident of one that an
    operator has closed as the same.

    `package` is the copy of its response package that it keeps from the first task on, as `dispatching` makes it.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("source", "external_no"),
        CheckConstraint(
            "(geom IS NULL) = (cell IS NULL) AND (geom IS NOT NULL OR address <> '')", name="placed_or_addressed"
        ),
        CheckConstraint("merged_into_id IS NULL OR closed_at IS NOT NULL", name="merged_is_closed"),
        Index("gist_incidents_geom", "geom", postgresql_using="gist"),
        Index("gist_incidents_division_path", "division_path", postgresql_using="gist"),
        Index("ix_incidents_occurred_at", "occurred_at"),
        Index("ix_incidents_open", "registered_at", postgresql_where=text("closed_at IS NULL")),
        Index("ix_incidents_closed_at", "closed_at"),
        Index("ix_incidents_merged_into_id", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        Index(
            "gist_incidents_original",
            "geom",
            postgresql_using="gist",
            postgresql_where=text("closed_at IS NULL AND duplicate_of_id IS NULL"),
        ),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    case_code: Mapped[str] = mapped_column(unique=True)
    source: Mapped[str]
    external_no: Mapped[str | None]
    category: Mapped[str]
    risk: Mapped[str]
    level: Mapped[str]
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    status: Mapped[str]
    geom: Mapped[MaybePoint]
    raw_x: Mapped[float | None]
    raw_y: Mapped[float | None]
    datum: Mapped[str | None]
    cell: Mapped[int | None] = mapped_column(BigInteger)
    address: Mapped[str] = mapped_column(default="")
    grid_code: Mapped[str | None]
    village_code: Mapped[str | None]
    division_path: Mapped[Path]
    occurred_at: Mapped[datetime]
    registered_at: Mapped[datetime]
    first_due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    reported_digest: Mapped[str | None]
    differs_at: Mapped[datetime | None]
    duplicate_of_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("incidents.id"))
    merged_into_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("incidents.id"))
    package: Mapped[dict[str, Any] | None]
    version: Mapped[int]


class TimelineEntry(Base):
    """An entry in an incident's timeline. Partitioned by month of `at`.

    `data` holds codes and numbers, old and new values of what changed, and in `note` the actor's text. Rows are only
    ever added: the app role can neither change nor drop them.
    """

    __tablename__ = "timeline"
    __table_args__ = (
        Index("ix_timeline_incident_id_at", "incident_id", "at"),
        Index("brin_timeline_at", "at", postgresql_using="brin"),
        {"info": SCOPED, "postgresql_partition_by": "RANGE (at)"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    incident_id: Mapped[BigRef] = mapped_column(ForeignKey("incidents.id"))
    kind: Mapped[str]
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    force_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    division_path: Mapped[Path]
