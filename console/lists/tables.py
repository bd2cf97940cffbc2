"""Entries of monthly lists 问题清单、线索清单: taken in by rule or by hand, handed over to a unit, and answered."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path


class ListEntry(Base):
    """An entry of a list `code` for a `month` such as `2026-11`.

    By rule it has an incident, once per list and month; by hand a title. `unit` is the one it was handed over to, which
    a transfer of its case does not change; `answered_unit` the one that answered.
    """

    __tablename__ = "list_entries"
    __table_args__ = (
        Index(
            "uq_list_entries_incident",
            "code",
            "month",
            "incident_id",
            unique=True,
            postgresql_where=text("incident_id IS NOT NULL"),
        ),
        Index("ix_list_entries_month", "code", "month", "id"),
        Index("ix_list_entries_waiting", "unit", postgresql_where=text("answered_at IS NULL")),
        Index("gist_list_entries_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    code: Mapped[str]
    month: Mapped[str]
    rule: Mapped[str]
    incident_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("incidents.id"))
    title: Mapped[str]
    note: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str | None]
    request: Mapped[str]
    handed_at: Mapped[datetime | None]
    handed_by: Mapped[int | None] = mapped_column(BigInteger)
    answer_due_at: Mapped[datetime | None]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_unit: Mapped[str | None]
    division_path: Mapped[Path]
    version: Mapped[int] = mapped_column(Integer)
