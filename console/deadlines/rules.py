"""What a limit is, when it is over, and what a kind of deadline does then. Pure."""

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
    """How long something may take, and after which share of that (0 to 1) to warn; None warns of nothing."""

    amount: int
    unit: TimeUnit
    warn_share: float | None = None

    @classmethod
    def of(cls, length: timedelta, *, warn_share: float | None = None) -> "Limit":
        """A limit of whole seconds."""
        return cls(round(length.total_seconds()), "second", warn_share)


class Calendar(Protocol):
    """Counts time as a place does: all of it, or working time only."""

    def after(self, start: datetime, amount: float, unit: TimeUnit) -> datetime:
        """The moment at which `amount` units from `start` on are over."""


class NaturalTime:
    """The calendar in which every hour counts; days are 24 hours."""

    def after(self, start: datetime, amount: float, unit: TimeUnit) -> datetime:
        return start + amount * LENGTHS[unit]


NATURAL = NaturalTime()


@dataclass(frozen=True, slots=True)
class Dates:
    """When a limit is over, and when to warn of it."""

    due_at: datetime
    warn_at: datetime | None


def dates_of(limit: Limit, *, start: datetime, calendar: Calendar = NATURAL) -> Dates:
    """When a limit that begins at `start` warns and is over."""
    share = limit.warn_share
    return Dates(
        due_at=calendar.after(start, limit.amount, limit.unit),
        warn_at=None if share is None else calendar.after(start, limit.amount * share, limit.unit),
    )


class Effect(Protocol):
    """What happens to subjects at their deadline, in the sweep's transaction."""

    async def __call__(self, session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        """Take effect for the subjects that it still applies to; return the ids that are done with.

        A subject that another transaction holds is left out, and comes again with the next sweep. Lock with SKIP
        LOCKED: an action locks its entity before the deadline, and the sweep the other way round.
        """


@dataclass(frozen=True, slots=True)
class DeadlineKind:
    """A kind of deadline, and what happens when it warns and when it is due.

    The name begins with the kind of entity that it is about: `task.answer`.
    """

    name: str
    on_due: Effect
    on_warn: Effect | None = None


def subject_of(kind: str) -> str:
    """The kind of entity that a kind of deadline is about."""
    return kind.partition(".")[0]


def keep_mark(marked_at: datetime | None, planned: datetime | None) -> datetime | None:
    """What becomes of the mark of a deadline that is moved: it stays unless the new moment is later than the mark."""
    return marked_at if marked_at and planned and planned <= marked_at else None
