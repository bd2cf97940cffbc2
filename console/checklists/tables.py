"""Marks on the checklists of centres 五有、五规范、六有、八化: who found what on which day. Rows are only added."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path


class ChecklistMark(Base):
    """What somebody found of one item at one centre (`unit`, a code) on a day. The latest row of an item counts."""

    __tablename__ = "checklist_marks"
    __table_args__ = (
        Index("ix_checklist_marks_item", "unit", "checklist", "item", "id"),
        Index("gist_checklist_marks_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    checklist: Mapped[str]
    item: Mapped[str]
    unit: Mapped[str]
    day: Mapped[date]
    met: Mapped[bool]
    note: Mapped[str]
    marked_at: Mapped[datetime]
    marked_by: Mapped[int] = mapped_column(BigInteger)
    division_path: Mapped[Path]
