"""Divisions 行政区划与网格: county, town, village, grid and micro-grid, with boundaries and dates."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Index, func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, MultiPolygonColumn, Path, PointColumn


class Division(Base):
    """One version of a division, in force from `valid_from` until the day before `valid_to`.

    `code` names the division through all its versions; at most one version is in force on any day. `division_path`
    joins the codes from the root; row-level security compares it. `households` and `enterprises` are exposure: counts,
    never persons. `level` is one of the pack's level codes.
    """

    __tablename__ = "divisions"
    __table_args__ = (
        # Of hashes: an index of intervals of texts that begin alike took five times as long as all others together.
        ExcludeConstraint(
            (func.hashtextextended(literal_column("code"), 0), "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_to")), "&&"),
            name="divisions_code_daterange_excl",
            using="gist",
        ),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates_in_order"),
        # A quadtree: divisions of all levels overlap, and GiST would visit hundreds of boxes for one point.
        Index("spgist_divisions_geom", "geom", postgresql_using="spgist"),
        Index("gist_divisions_division_path", "division_path", postgresql_using="gist"),
        Index("ix_divisions_code", "code", "valid_from"),
        Index("ix_divisions_level_valid_to", "level", "valid_to"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    code: Mapped[str]
    level: Mapped[str]
    name: Mapped[str]
    parent_code: Mapped[str | None]
    division_path: Mapped[Path]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    geom: Mapped[MultiPolygonColumn]
    label_point: Mapped[PointColumn]
    area_m2: Mapped[float]
    generated: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(default="")
    households: Mapped[int | None]
    enterprises: Mapped[int | None]
    properties: Mapped[dict[str, Any]] = mapped_column(default=dict)
