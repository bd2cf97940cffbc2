"""Routes of rounds, rounds, what was reported at their points, and visits."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, MaybePoint, Path


class PatrolRoute(Base):
    """Points that a grid's workers go round.

    `points` are objects with `id`, which a point keeps, `name`, `lon`, `lat` in degrees, and `code`, which the slip at
    the place bears.
    """

    __tablename__ = "patrol_routes"
    __table_args__ = (
        Index("ix_patrol_routes_division_code", "division_code"),
        Index("gist_patrol_routes_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    division_code: Mapped[str]
    division_path: Mapped[Path]
    name: Mapped[str]
    points: Mapped[list[Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[BigRef]
    retired_at: Mapped[datetime | None]
    version: Mapped[int]


class PatrolRound(Base):
    """A round of a force on a route, whose name and points are those at its start. Its id is that of the command that
    began it. Times are by the server's clock.
    """

    __tablename__ = "patrol_rounds"
    __table_args__ = (
        CheckConstraint("ended_at >= started_at", name="times_in_order"),
        Index("ix_patrol_rounds_started_at", "started_at", "id"),
        Index("gist_patrol_rounds_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    route_id: Mapped[BigRef] = mapped_column(ForeignKey("patrol_routes.id"))
    route_name: Mapped[str]
    points: Mapped[list[Any]]
    force_id: Mapped[BigRef] = mapped_column(ForeignKey("forces.id"))
    force_name: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    note: Mapped[str]
    division_code: Mapped[str]
    division_path: Mapped[Path]
    version: Mapped[int]


class RoundMark(Base):
    """A report at a point of a round: by place, by the code of its slip, or that it is left out. Rows are only added.

    `point` is its id. `at` is when by the server's clock, `device_at` what the phone's said, `doubtful` where that
    cannot be right. `distance_m` is from the reported position to the point. The position itself is deleted with old
    positions.
    """

    __tablename__ = "round_marks"
    __table_args__ = (
        CheckConstraint("how IN ('place', 'qr', 'left_out')", name="how_known"),
        Index("ix_round_marks_round_id", "round_id", "n"),
        Index("gist_round_marks_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("patrol_rounds.id"))
    n: Mapped[int]
    point: Mapped[str]
    how: Mapped[str]
    at: Mapped[datetime]
    device_at: Mapped[datetime]
    received_at: Mapped[datetime]
    doubtful: Mapped[bool]
    place: Mapped[MaybePoint]
    distance_m: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    age_s: Mapped[float | None]
    reason: Mapped[str]
    division_path: Mapped[Path]


class Visit(Base):
    """Households or premises of a grid that were called on: how many, and about what. Nobody is named. Times are as in
    `RoundMark`.
    """

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("kind IN ('household', 'enterprise')", name="kind_known"),
        CheckConstraint("count BETWEEN 1 AND 200", name="count_bounded"),
        Index("ix_visits_at", "at", "id"),
        Index("gist_visits_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    count: Mapped[int]
    matter: Mapped[str]
    force_id: Mapped[BigRef] = mapped_column(ForeignKey("forces.id"))
    force_name: Mapped[str]
    at: Mapped[datetime]
    device_at: Mapped[datetime]
    received_at: Mapped[datetime]
    doubtful: Mapped[bool]
    division_code: Mapped[str]
    division_path: Mapped[Path]
