"""Set, cancel, extend and sweep deadlines, inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.deadlines.queries import Wanted, due, is_of, is_open, lock_deadline, to_warn
from console.deadlines.rules import (
    NATURAL,
    Calendar,
    DeadlineKind,
    Effect,
    Limit,
    TimeUnit,
    dates_of,
    keep_mark,
    subject_of,
)
from console.deadlines.tables import Deadline
from geo.store import BulkInsert, BulkMove

BATCH = 500

SET = BulkInsert(
    Deadline,
    fixed=("subject", "kind", "warned_at", "fired_at", "cancelled_at"),
    then="""
    ORDER BY subject_id
    ON CONFLICT (subject, subject_id, kind) DO UPDATE SET
        started_at = excluded.started_at, amount = excluded.amount, unit = excluded.unit,
        warn_share = excluded.warn_share, due_at = excluded.due_at, warn_at = excluded.warn_at,
        division_path = excluded.division_path, cancelled_at = NULL,
        fired_at = CASE WHEN excluded.due_at <= deadlines.fired_at THEN deadlines.fired_at END,
        warned_at = CASE WHEN excluded.warn_at <= deadlines.warned_at THEN deadlines.warned_at END""",
)
"""A deadline that is set again fires again only if its new due time is later than its last firing."""

PLAN = BulkInsert(
    Deadline,
    fixed=("subject", "kind", "warn_share", "warned_at", "fired_at", "cancelled_at"),
    then="""
    ORDER BY subject_id
    ON CONFLICT (subject, subject_id, kind) DO UPDATE SET
        started_at = excluded.started_at, amount = excluded.amount, unit = excluded.unit, due_at = excluded.due_at,
        division_path = excluded.division_path, warn_at = excluded.warn_at, warned_at = NULL, fired_at = NULL,
        cancelled_at = NULL""",
)
"""A planned deadline is open again whenever it is planned: its feature knows what it has done already."""

MOVE = BulkMove(Deadline, "subject_id", where="subject = :subject")


@dataclass(frozen=True, slots=True)
class DeadlineRequest:
    """A deadline to set: the entity's id, its division path, and the limit counted from `start`."""

    subject_id: int
    division_path: str
    start: datetime
    limit: Limit


async def set_deadline(
    session: AsyncSession, kind: str, asked: DeadlineRequest, *, calendar: Calendar = NATURAL
) -> None:
    """Set or replace a subject's deadline of this kind."""
    await set_deadlines(session, kind, [asked], calendar=calendar)


async def set_deadlines(
    session: AsyncSession, kind: str, asked: Iterable[DeadlineRequest], *, calendar: Calendar = NATURAL
) -> None:
    """Set or replace deadlines of many subjects in one statement."""
    rows = [_row(one, calendar=calendar) for one in asked]
    if rows:
        unmarked = dict.fromkeys(("warned_at", "fired_at", "cancelled_at"))
        await SET.run(session, rows, subject=subject_of(kind), kind=kind, **unmarked)


PLANNED_VALUES = attrgetter(*PLAN.names)


@dataclass(frozen=True, slots=True)
class Planned:
    """A deadline whose times are known already, as of a clock in working time; `amount` and `unit` say its limit."""

    subject_id: int
    division_path: str
    started_at: datetime
    amount: int
    unit: str
    due_at: datetime
    warn_at: datetime | None = None


async def plan_deadlines(session: AsyncSession, kind: str, planned: Iterable[Planned]) -> None:
    """Set or replace deadlines whose times are known, in one statement."""
    rows = [PLANNED_VALUES(one) for one in planned]
    if rows:
        unmarked = dict.fromkeys(("warn_share", "warned_at", "fired_at", "cancelled_at"))
        await PLAN.run_listed(session, rows, subject=subject_of(kind), kind=kind, **unmarked)


async def cancel_subjects(session: AsyncSession, subject: str, subject_ids: Collection[int], *, now: datetime) -> None:
    """Cancel all open deadlines of several entities."""
    if subject_ids:
        mine = and_(Deadline.subject == subject, Deadline.subject_id.in_(subject_ids), is_open())
        await _mark(session, mine, Deadline.cancelled_at, now=now)


async def cancel_deadlines(session: AsyncSession, subject: str, subject_id: int, *, now: datetime) -> None:
    """Cancel all open deadlines of an entity."""
    mine = and_(Deadline.subject == subject, Deadline.subject_id == subject_id, is_open())
    await _mark(session, mine, Deadline.cancelled_at, now=now)


async def cancel_deadline(session: AsyncSession, kind: str, subject_id: int, *, now: datetime) -> None:
    """Cancel a subject's deadline of this kind if it is open."""
    await _mark(session, and_(is_of(kind, subject_id), is_open()), Deadline.cancelled_at, now=now)


async def move_deadlines(session: AsyncSession, subject: str, paths: Mapping[int, str]) -> None:
    """Move all deadlines of entities, open or not, to the entities' new divisions: the people there go on with them."""
    if paths:
        await MOVE.run(session, paths, subject=subject)


async def extend(
    session: AsyncSession, kind: str, subject_id: int, *, by: int, calendar: Calendar = NATURAL
) -> datetime:
    """Extend a deadline by `by` of its own units and return its new due time. Raises NotFound.

    The warning comes after the same share of the longer limit. A fired deadline reopens if it is due later.
    """
    known = await lock_deadline(session, kind, subject_id)
    known.amount += by
    limit = Limit(known.amount, cast("TimeUnit", known.unit), known.warn_share)
    dates = dates_of(limit, start=known.started_at, calendar=calendar)
    known.due_at, known.warn_at = dates.due_at, dates.warn_at
    known.fired_at = keep_mark(known.fired_at, dates.due_at)
    known.warned_at = keep_mark(known.warned_at, dates.warn_at)
    await session.flush()
    return known.due_at


async def sweep(session: AsyncSession, kinds: Sequence[DeadlineKind], *, now: datetime, limit: int = BATCH) -> int:
    """Fire due deadlines, then warnings, at most `limit` of each; return the number of effects.

    Effect and mark are in one transaction, so that each happens once even if servers are killed. Rows locked by another
    sweep, and subjects locked by an action, are left to the next sweep.
    """
    on_due = {kind.name: kind.on_due for kind in kinds}
    on_warn = {kind.name: kind.on_warn for kind in kinds if kind.on_warn}
    wanted = due(on_due, now=now, limit=limit)
    fired = await _take(session, on_due, wanted, mark=Deadline.fired_at, planned=Deadline.due_at, now=now)
    wanted = to_warn(on_warn, now=now, limit=limit)
    return fired + await _take(session, on_warn, wanted, mark=Deadline.warned_at, planned=Deadline.warn_at, now=now)


async def _take(
    session: AsyncSession,
    effects: Mapping[str, Effect],
    wanted: Wanted,
    *,
    mark: InstrumentedAttribute[datetime | None],
    planned: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    now: datetime,
) -> int:
    """Apply the effects and mark what is done. A deadline that its effect has moved on stays open."""
    if not effects:
        return 0
    subjects: dict[str, list[int]] = defaultdict(list)
    for kind, subject_id in await session.execute(wanted):
        subjects[kind].append(subject_id)
    done = {kind: await effects[kind](session, ids, now=now) for kind, ids in subjects.items()}
    for kind, ids in done.items():
        taken = and_(is_of(kind), Deadline.subject_id.in_(ids), planned <= now)
        await _mark(session, taken, mark, now=now)
    return sum(map(len, done.values()))


async def _mark(
    session: AsyncSession, wanted: ColumnElement[bool], mark: InstrumentedAttribute[datetime | None], *, now: datetime
) -> None:
    marked = update(Deadline).where(wanted).values({mark: now})
    await session.execute(marked.execution_options(synchronize_session=False))


def _row(asked: DeadlineRequest, *, calendar: Calendar) -> dict[str, Any]:
    dates = dates_of(asked.limit, start=asked.start, calendar=calendar)
    return {
        "subject_id": asked.subject_id,
        "started_at": asked.start,
        "amount": asked.limit.amount,
        "unit": asked.limit.unit,
        "warn_share": asked.limit.warn_share,
        "due_at": dates.due_at,
        "warn_at": dates.warn_at,
        "division_path": asked.division_path,
    }
