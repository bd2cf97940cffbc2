"""Limits, calendars and kinds of deadlines. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

TimeUnit = Literal["second", "minute", "hour", "day"]
LENGTHS = MappingProxyType(
    {
        "second": timedelta(seconds=1),
        "minute": timedelta(minutes=1),
        "hour": timedelta(hours=1),
        "day": timedelta(days=1),
    }
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit of time, and the share of it (0 to 1) after which to warn; None for no warning."""

    amount: int
    unit: TimeUnit
    warn_share: float | None = None

    @classmethod
    def of(cls, length: timedelta, *, warn_share: float | None = None) -> "Limit":
        """Build a limit in whole seconds."""
        return cls(round(length.total_seconds()), "second", warn_share)


class Calendar(Protocol):
    """Adds time to a moment, by natural or working time."""

    def after(self, start: datetime, amount: float, unit: TimeUnit) -> datetime:
        """Return the moment `amount` units after `start`."""


class NaturalTime:
    """Calendar of natural time; days are 24 hours."""

    def after(self, start: datetime, amount: float, unit: TimeUnit) -> datetime:
        return start + amount * LENGTHS[unit]


NATURAL = NaturalTime()


@dataclass(frozen=True, slots=True)
class Dates:
    """Due time of a limit, and time of its warning."""

    due_at: datetime
    warn_at: datetime | None


def dates_of(limit: Limit, *, start: datetime, calendar: Calendar = NATURAL) -> Dates:
    """Compute the due and warning times of a limit that begins at `start`."""
    share = limit.warn_share
    return Dates(
        due_at=calendar.after(start, limit.amount, limit.unit),
        warn_at=None if share is None else calendar.after(start, limit.amount * share, limit.unit),
    )


class Effect(Protocol):
    """Effect of a deadline on its subjects, in the sweep's transaction."""

    async def __call__(self, session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        """Apply the effect to the subjects it still concerns; return the ids that are done with for now. Those that it
        has planned for later stay open.

        Leave out subjects locked by another transaction: the next sweep passes them again. Lock with SKIP LOCKED,
        since an action locks its entity before the deadline, and the sweep the other way round.
        """


@dataclass(frozen=True, slots=True)
class DeadlineKind:
    """A kind of deadline, with its effects when due and when warning.

    The name begins with the kind of its entity: `task.answer`.
    """

    name: str
    on_due: Effect
    on_warn: Effect | None = None


def subject_of(kind: str) -> str:
    """Return the kind of entity of a kind of deadline."""
    return kind.partition(".")[0]


def keep_mark(marked_at: datetime | None, planned: datetime | None) -> datetime | None:
    """Keep the mark of a moved deadline unless it is now planned later than the mark."""
    return marked_at if marked_at and planned and planned <= marked_at else None
