"""Exposure 基数: how many households, premises and enterprises a division has, by the day they were counted."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path


class ExposureCount(Base):
    """Counts of one division, usually a grid, as counted on a day; None where not counted. Never persons."""

    __tablename__ = "exposure_counts"
    __table_args__ = (
        UniqueConstraint("division_code", "counted_on", name="uq_exposure_counts_division_code_counted_on"),
        CheckConstraint("households >= 0 AND premises >= 0 AND enterprises >= 0", name="no_less_than_none"),
        Index("gist_exposure_counts_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    division_code: Mapped[str]
    division_path: Mapped[Path]
    counted_on: Mapped[date]
    households: Mapped[int | None]
    premises: Mapped[int | None]
    enterprises: Mapped[int | None]
    source: Mapped[str] = mapped_column(default="")
