"""Alarms 紧急求助: SOS calls of our own forces."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, Path


class Alarm(Base):
    """An SOS of a force, open until an operator acknowledges it. A force has one open alarm at most.

    `sent_at` is the phone's time of the first call, `last_sent_at` of the last one that was part of it; `raised_at` is
    the server's. The place (WGS-84) is that of the last call, None if it had none. `name` is the force's at that time.
    """

    __tablename__ = "alarms"
    __table_args__ = (
        Index("uq_alarms_force_id_open", "force_id", unique=True, postgresql_where=text("acknowledged_at IS NULL")),
        Index("ix_alarms_force_id_sent_at", "force_id", "sent_at"),
        Index("ix_alarms_acknowledged_at", "acknowledged_at"),
        Index("gist_alarms_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    force_id: Mapped[BigRef] = mapped_column(ForeignKey("forces.id", ondelete="CASCADE"))
    name: Mapped[str]
    raised_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    last_sent_at: Mapped[datetime]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(BigInteger)
    division_path: Mapped[Path]
    version: Mapped[int]
