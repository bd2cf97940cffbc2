"""Duty leaders 带班领导: who leads the duty of a division."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path


class DutyTurn(Base):
    """A person who leads the duty from `at` on, until the next row of the division. An empty name: nobody does.

    Rows are only ever added.
    """

    __tablename__ = "duty_turns"
    __table_args__ = (Index("ix_duty_turns_division_path_at", "division_path", "at"), {"info": SCOPED})

    id: Mapped[BigId]
    at: Mapped[datetime]
    name: Mapped[str]
    post: Mapped[str]
    set_by: Mapped[int] = mapped_column(BigInteger)
    division_path: Mapped[Path]
