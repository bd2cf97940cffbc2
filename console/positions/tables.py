"""Positions 位置: the latest and the earlier fixes of each force."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, true
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, Path, PointColumn


class LatestFix(Base):
    """Newest sound fix of a force. Units: metres a second, degrees from north, metres, 0–1.

    One small row a force, written with every fix: an index of its paths would cost a sixth of what a fix costs the
    database, and save nothing.
    """

    __tablename__ = "latest_fixes"
    __table_args__ = (
        Index("gist_latest_fixes_geom", "geom", postgresql_using="gist"),
        {"info": SCOPED},
    )

    force_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("forces.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
    received_at: Mapped[datetime]
    geom: Mapped[PointColumn]
    speed_mps: Mapped[float | None]
    heading: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    battery: Mapped[float | None]
    division_path: Mapped[Path]


class Fix(Base):
    """Every fix received on duty, with its verdict in `flag`. Partitioned by day of `received_at`, kept 30 days.

    `device_at`: what the phone's clock said, where it was wrong and `at` is corrected.
    `became_latest`: it became the force's `LatestFix`. Of one force, these have ids in the order of their commits.
    """

    __tablename__ = "fixes"
    __table_args__ = (
        Index("ix_fixes_force_id_at", "force_id", "at"),
        Index("brin_fixes_received_at", "received_at", postgresql_using="brin"),
        {"info": SCOPED, "postgresql_partition_by": "RANGE (received_at)"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(primary_key=True)
    force_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    lon: Mapped[float]
    lat: Mapped[float]
    raw_x: Mapped[float]
    raw_y: Mapped[float]
    datum: Mapped[str]
    speed_mps: Mapped[float | None]
    heading: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    battery: Mapped[float | None]
    dialect: Mapped[str]
    device_at: Mapped[datetime | None]
    flag: Mapped[str]
    became_latest: Mapped[bool] = mapped_column(server_default=true())
    division_path: Mapped[Path]
