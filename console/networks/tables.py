"""Networks of sectors 部门网格: the areas by which offices divide the county, beside its own grids."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Index, func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Ltrees, MultiPolygonColumn, Path


class NetworkArea(Base):
    """One version of an area of a sector's network, in force from `valid_from` until the day before `valid_to`.

    `code` names the area within its sector. `worker` is who is responsible, `worker_code` their staff number; both may
    be empty, and nothing else is kept of a person. `counts` has whole numbers by code of the pack's counts.
    `division_path` is the smallest division around the area, `touches` the paths of the grids that it lies in: it is
    visible to those who see one of them. A version that another of the same day replaced ends on its first day.
    """

    __tablename__ = "network_areas"
    __table_args__ = (
        ExcludeConstraint(
            ("sector", "="),
            ("code", "="),
            (func.daterange(literal_column("valid_from"), literal_column("valid_to")), "&&"),
            name="network_areas_sector_code_daterange_excl",
            using="gist",
        ),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        Index("gist_network_areas_division_path", "division_path", postgresql_using="gist"),
        Index("gist_network_areas_touches", "touches", postgresql_using="gist"),
        Index("gist_network_areas_geom", "geom", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    sector: Mapped[str]
    code: Mapped[str]
    name: Mapped[str]
    organisation: Mapped[str]
    worker: Mapped[str]
    worker_code: Mapped[str]
    counts: Mapped[dict[str, Any]]
    division_path: Mapped[Path]
    touches: Mapped[list[str]] = mapped_column(Ltrees)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    geom: Mapped[MultiPolygonColumn]
