"""Closures of roads 道路封控."""

from datetime import datetime
from typing import Annotated

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, SRID, Base, BigId, BigRef, Path

Outline = Annotated[WKBElement, mapped_column(Geometry("POLYGON", srid=SRID, spatial_index=False))]


class Closure(Base):
    """An area whose roads are closed to some modes of travel, from `starts_at` until `ends_at`, or until it is lifted.

    `ended_at` is when it did end: lifted by `lifted_by`, or by itself. `opener` is the name of who closed it, at that
    time. `division_path` is the smallest division around it, at most that of who closed it; those within see it, too.
    """

    __tablename__ = "closures"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="times_in_order"),
        CheckConstraint("lifted_by IS NULL OR ended_at IS NOT NULL", name="lifted_has_ended"),
        Index("gist_closures_division_path", "division_path", postgresql_using="gist"),
        Index("ix_closures_ended_at", "ended_at"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    outline: Mapped[Outline]
    modes: Mapped[list[str]] = mapped_column(ARRAY(String))
    reason: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    opened_by: Mapped[BigRef]
    opener: Mapped[str]
    ended_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(BigInteger)
    division_path: Mapped[Path]
    version: Mapped[int]
