"""Hotspots 热点: counts of incidents per cell, updated as they arrive."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, Path


class CellCount(Base):
    """Number of incidents of a category in an H3 cell in a quarter of an hour.

    A row has the cells that hold its incidents at each resolution, so that every hexagon counts what lies in it: cells
    of H3 do not lie in their parents. Split by the leaf division, so that a reader of one town counts that town's
    incidents only.
    """

    __tablename__ = "cell_counts"
    __table_args__ = (
        # No index by path: queries select spans of time, and maintaining it would cost more than counting itself.
        Index("ix_cell_counts_bucket", "bucket"),
        {"info": SCOPED},
    )

    division_path: Mapped[Path] = mapped_column(primary_key=True)
    cell_10: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cell_9: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cell_8: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    cell_7: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(primary_key=True)
    bucket: Mapped[datetime] = mapped_column(primary_key=True)
    n: Mapped[int]


class CellExposure(Base):
    """Households and enterprises of a cell (resolution 10), shared out evenly over the cells of a leaf division."""

    __tablename__ = "cell_exposures"
    __table_args__ = (
        Index("gist_cell_exposures_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    division_path: Mapped[Path]
    households: Mapped[float]
    enterprises: Mapped[float]
