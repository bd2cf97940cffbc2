"""Clocks 时限 of cases, their pauses 挂账, and what they have given notice of."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, Path


class ClockContent(Base):
    """The term and the hours that clocks run by, kept by their digest: clocks keep what they began with, whatever the
    pack says later. Rows are only added.
    """

    __tablename__ = "clock_contents"

    digest: Mapped[str] = mapped_column(primary_key=True)
    term: Mapped[dict[str, Any]]
    hours: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Clock(Base):
    """A clock of an incident's case. It runs until it is stopped; `outcome` says by what.

    `limit_code` is the limit of the flow that it runs for, `code` its term's; `unit_code` the unit that it binds, None
    for the case as a whole. `extended` and `extensions` are the amount and
    number of extensions; each makes a new `generation`, whose moments give notice anew. `moments` lists them as pairs
    of code and time. `due_day` is the local day that `due_at` ends or lies in, `last_day` that of the last moment, and
    `unannounced` the years without a notice that they rest on. While it is paused, these are as they were before.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        Index("ix_clocks_incident_id", "incident_id"),
        Index("ix_clocks_open_due", "due_at", postgresql_where=text("stopped_at IS NULL AND paused_at IS NULL")),
        Index("ix_clocks_open_days", "started_day", "last_day", postgresql_where=text("stopped_at IS NULL")),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    incident_id: Mapped[BigRef] = mapped_column(ForeignKey("incidents.id"))
    code: Mapped[str]
    limit_code: Mapped[str]
    unit_code: Mapped[str | None]
    content: Mapped[str] = mapped_column(ForeignKey("clock_contents.digest"))
    pack_version: Mapped[str]
    started_at: Mapped[datetime]
    started_day: Mapped[date]
    amount: Mapped[int]
    unit: Mapped[str]
    extended: Mapped[int] = mapped_column(default=0)
    extensions: Mapped[int] = mapped_column(SmallInteger, default=0)
    generation: Mapped[int] = mapped_column(SmallInteger, default=0)
    due_at: Mapped[datetime]
    due_day: Mapped[date]
    warn_at: Mapped[datetime | None]
    last_day: Mapped[date]
    moments: Mapped[list[Any]]
    unannounced: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    paused_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    division_path: Mapped[Path]


class ClockPause(Base):
    """A pause of a case by its two moments, or of one clock if `clock_id` is set. Limits that allow no pause run on."""

    __tablename__ = "clock_pauses"
    __table_args__ = (
        Index("ix_clock_pauses_incident_id", "incident_id"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    incident_id: Mapped[BigRef] = mapped_column(ForeignKey("incidents.id"))
    clock_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("clocks.id"))
    reason: Mapped[str]
    paused_at: Mapped[datetime]
    resumed_at: Mapped[datetime | None]
    division_path: Mapped[Path]


class ClockMark(Base):
    """A moment that a clock has reached in a generation, written once, in the transaction of its notice.

    `noticed` is false for moments that passed while no server ran, and of which only the last gave notice.
    """

    __tablename__ = "clock_marks"
    __table_args__ = ({"info": SCOPED},)

    clock_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("clocks.id"), primary_key=True)
    moment: Mapped[str] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    at: Mapped[datetime]
    noticed: Mapped[bool]
    division_path: Mapped[Path]


class CalendarYear(Base):
    """The days of a year by which the clocks were counted last, so that a changed file moves those that cross them."""

    __tablename__ = "calendar_years"

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    announced: Mapped[bool]
    days: Mapped[dict[str, Any]]
    counted_at: Mapped[datetime]
