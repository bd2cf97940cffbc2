"""Looks 查看记录: who looked at personal data, and when. Rows are only added."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path


class Look(Base):
    """One user's look at one entity's personal data. `division_path` is the entity's."""

    __tablename__ = "looks"
    __table_args__ = (
        Index("ix_looks_at", "at"),
        Index("gist_looks_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(BigInteger)
    subject: Mapped[str]
    entity_id: Mapped[int] = mapped_column(BigInteger)
    division_path: Mapped[Path]
