"""Facts of cases, one narrow row each, that indicators count."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, Path


class CaseFacts(Base):
    """When a case came and ended, how it was handled, and by whom.

    Triggers on cases, incidents, clocks and follow-ups keep it (migration 0042); nothing else writes it. `came_at` is
    the time at the door: that of the registration, or, of a record of the past, of the occurrence. `ended_at` is that
    of the case: the last end, none while it goes on. `on_time` says whether the limits that ran until `judged_at` were
    kept; it holds where that is the end. `joined`: merged into another case. `asked` is the standing of the follow-up.
    """

    __tablename__ = "case_facts"
    # Without an index of paths: all that a county has is read faster by its days, and the planner took the paths.
    __table_args__ = (
        Index("ix_case_facts_came_at", "came_at"),
        Index("ix_case_facts_ended_at", "ended_at"),
        {"info": SCOPED},
    )

    incident_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("incidents.id"), primary_key=True, autoincrement=False
    )
    came_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    judged_at: Mapped[datetime | None]
    on_time: Mapped[bool | None]
    joined: Mapped[bool]
    hand_overs: Mapped[int] = mapped_column(SmallInteger)
    reopened: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str]
    category: Mapped[str]
    risk: Mapped[str]
    lane: Mapped[str]
    level: Mapped[str]
    unit: Mapped[str]
    first_unit: Mapped[str]
    outcome: Mapped[str | None]
    procedure: Mapped[str | None]
    asked: Mapped[str | None]
    satisfied: Mapped[str | None]
    division_path: Mapped[Path]
