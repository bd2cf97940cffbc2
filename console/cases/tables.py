"""Cases 案件 of incidents, units called to help with them, and the versions of packs that cases run under."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, Path

RUNNING = "ended_at IS NULL"


class PackVersion(Base):
    """A version of a pack's case flow. `version` is the digest of `content`."""

    __tablename__ = "packs"

    version: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    content: Mapped[dict[str, Any]]
    first_used_at: Mapped[datetime]


class Case(Base):
    """The case of an incident: where it stands in the flow, and who has it.

    `state` is what the entries of the timeline give, by the fold `fold`; the columns before it are taken from it, for
    lists. `paused_until` is the day on which a paused one is expected to go on. `due_at` is the next due time of its
    clocks, of the limit `due_limit`. `ended_at` is set once it has ended or was merged into another one.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_unit", "unit", postgresql_where=text(RUNNING)),
        Index("ix_cases_offer_unit", "offer_unit", postgresql_where=text("offer_unit IS NOT NULL")),
        Index("ix_cases_first_unit", "first_unit", postgresql_where=text(RUNNING)),
        Index("ix_cases_stage", "stage", "incident_id"),
        Index("ix_cases_due_at", "due_at", postgresql_where=text(RUNNING)),
        Index("ix_cases_ended_at", "ended_at"),
        *(
            Index(f"ix_cases_{name}", name, postgresql_where=text(f"{RUNNING} AND {name} IS NOT NULL"))
            for name in ("post_id", "offer_post_id", "first_post_id", "charge_post_id")
        ),
        Index("gist_cases_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    incident_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("incidents.id"), primary_key=True, autoincrement=False
    )
    pack_version: Mapped[str] = mapped_column(ForeignKey("packs.version"))
    flow: Mapped[str]
    stage: Mapped[str]
    lane: Mapped[str]
    level: Mapped[str]
    unit: Mapped[str]
    post_id: Mapped[int | None] = mapped_column(BigInteger)
    accepted: Mapped[bool]
    offer_unit: Mapped[str | None]
    offer_post_id: Mapped[int | None] = mapped_column(BigInteger)
    first_unit: Mapped[str]
    first_post_id: Mapped[int | None] = mapped_column(BigInteger)
    charge_post_id: Mapped[int | None] = mapped_column(BigInteger)
    procedure: Mapped[str | None]
    outcome: Mapped[str | None]
    paused: Mapped[bool]
    paused_until: Mapped[date | None]
    due_limit: Mapped[str | None]
    due_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    state: Mapped[dict[str, Any]]
    fold: Mapped[str]
    division_path: Mapped[Path]
    version: Mapped[int]

    @property
    def id(self) -> int:
        """The incident's id, by which feed and lists know the case."""
        return self.incident_id


class CaseFollowUp(Base):
    """The follow-up 回访 of a case that has ended. One row per case: none is drawn twice.

    `draw`, `period`, `number` and `share` say how it was numbered: the `number`th case of its draw that ended in the
    period; empty where somebody asked before the draw. `drawn`: that number was drawn. `standing` is that of
    `console/follow_ups/rules.py`. `due_at` is when to ask next, `ask_by` until when. `answers` are those of the last
    follow-up, by aspect.
    """

    __tablename__ = "case_follow_ups"
    __table_args__ = (
        Index("ix_case_follow_ups_due", "standing", "due_at"),
        Index("ix_case_follow_ups_period", "period", "draw"),
        Index("gist_case_follow_ups_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    incident_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("incidents.id"), primary_key=True, autoincrement=False
    )
    draw: Mapped[str]
    period: Mapped[str]
    number: Mapped[int | None]
    share: Mapped[str]
    drawn: Mapped[bool]
    drawn_at: Mapped[datetime]
    standing: Mapped[str]
    unit: Mapped[str]
    due_at: Mapped[datetime | None]
    ask_by: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(SmallInteger)
    way: Mapped[str | None]
    answers: Mapped[dict[str, Any]]
    note: Mapped[str]
    satisfied: Mapped[str | None]
    asked_at: Mapped[datetime | None]
    asked_by: Mapped[int | None] = mapped_column(BigInteger)
    dissatisfied_at: Mapped[datetime | None]
    dissatisfied_times: Mapped[int] = mapped_column(SmallInteger)
    mended_at: Mapped[datetime | None]
    division_path: Mapped[Path]


class FollowUpCount(Base):
    """How many cases a draw has counted that ended in a period. It has no division: it is the place's."""

    __tablename__ = "follow_up_counts"

    draw: Mapped[str] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    counted: Mapped[int]


class CaseUnit(Base):
    """A unit called to help with a case 协办单位, and what came of its last call."""

    __tablename__ = "case_units"
    __table_args__ = (
        Index("ix_case_units_unit", "unit", postgresql_where=text(RUNNING)),
        {"info": SCOPED},
    )

    incident_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("incidents.id"), primary_key=True, autoincrement=False
    )
    unit: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    called_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    division_path: Mapped[Path]
