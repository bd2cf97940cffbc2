"""What a grid has besides its lines: its party branch, its list of services, and the posts of its workers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, Path


class PartyBranch(Base):
    """The party branch 党支部 of a grid from a day on; an empty name for none. Rows are only ever added."""

    __tablename__ = "party_branches"
    __table_args__ = (
        Index("ix_party_branches_division_code", "division_code", "first_day", "id"),
        Index("gist_party_branches_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    division_code: Mapped[str]
    division_path: Mapped[Path]
    name: Mapped[str]
    first_day: Mapped[date]
    created_by: Mapped[BigRef]
    author: Mapped[str]
    at: Mapped[datetime]


class ServiceList(Base):
    """What the workers of a division's grids may and may not be asked to do 准入、禁入清单, from a day on.

    It holds in the division and all below. `items` are objects with `title`, `verdict` (`allowed` or `forbidden`) and
    `basis`. Rows are only ever added.
    """

    __tablename__ = "service_lists"
    __table_args__ = (
        Index("ix_service_lists_division_code", "division_code", "first_day", "id"),
        Index("gist_service_lists_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    division_code: Mapped[str]
    division_path: Mapped[Path]
    items: Mapped[list[Any]]
    first_day: Mapped[date]
    created_by: Mapped[BigRef]
    author: Mapped[str]
    at: Mapped[datetime]


class GridPost(Base):
    """A post of a worker in a grid, from `first_day` until the day before `until`. One worker may have several."""

    __tablename__ = "grid_posts"
    __table_args__ = (
        ExcludeConstraint(
            ("force_id", "="),
            ("division_code", "="),
            ("post", "="),
            (func.daterange(literal_column("first_day"), literal_column("until")), "&&"),
            name="grid_posts_force_id_division_code_post_daterange_excl",
            using="gist",
        ),
        CheckConstraint("until IS NULL OR until >= first_day", name="days_in_order"),
        CheckConstraint("post IN ('leader', 'worker', 'assistant', 'secretary')", name="post_known"),
        Index("ix_grid_posts_division_code", "division_code"),
        Index("gist_grid_posts_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    force_id: Mapped[BigRef] = mapped_column(ForeignKey("forces.id"))
    division_code: Mapped[str]
    division_path: Mapped[Path]
    post: Mapped[str]
    first_day: Mapped[date]
    until: Mapped[date | None]
    created_by: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[str]
    at: Mapped[datetime]
