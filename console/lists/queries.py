"""Read monthly lists within the caller's reach.

The case of an entry is that of its incident, or of the one that this was merged into: there the work goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cases.tables import Case
from console.cursors import id_of
from console.incidents.tables import Incident
from console.lists.tables import ListEntry

Standing = Literal["new", "waiting", "late", "answered"]
"""Where an entry stands: not handed over, waiting for the answer (also late ones), late, or answered."""
Row = tuple[ListEntry, Incident | None, Case | None]


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Filter of a list's entries. `unit`: was handed one, or has its case while the answer is due, or has answered."""

    code: str
    month: str
    standing: Standing | None = None
    unit: str | None = None


def with_cases() -> Select[ListEntry, Incident, Case]:
    """Select entries with their incidents and cases, where they have one."""
    case_of = func.coalesce(Incident.merged_into_id, Incident.id)
    return (
        select(ListEntry, Incident, Case)
        .outerjoin(Incident, Incident.id == ListEntry.incident_id)
        .outerjoin(Case, Case.incident_id == case_of)
    )


def owing(entry: ListEntry, case: Case | None) -> list[str]:
    """List the units that may answer an entry: the one that it was handed to, and the one that has its case now."""
    if entry.unit is None:
        return []
    return [*dict.fromkeys((entry.unit, *([case.unit] if case else ())))]


async def list_entries(
    session: AsyncSession, actor: Actor, chosen: EntryFilter, *, limit: int, cursor: str | None, now: datetime
) -> tuple[Sequence[Row], str | None]:
    """Return a page of entries with their incidents and cases, in the order of their making.

    Raises `Forbidden`, `BadCursor`.
    """
    actor.require(Permission.READ_INCIDENTS)
    wanted = with_cases().where(ListEntry.code == chosen.code, ListEntry.month == chosen.month)
    if chosen.standing is not None:
        wanted = wanted.where(_stands(chosen.standing, now=now))
    if chosen.unit is not None:
        owed = ListEntry.handed_at.is_not(None) & ListEntry.answered_at.is_(None) & (Case.unit == chosen.unit)
        wanted = wanted.where((ListEntry.unit == chosen.unit) | (ListEntry.answered_unit == chosen.unit) | owed)
    if cursor is not None:
        wanted = wanted.where(ListEntry.id > id_of(cursor))
    found = [
        (entry, one, case) for entry, one, case in await session.execute(wanted.order_by(ListEntry.id).limit(limit + 1))
    ]
    return found[:limit], str(found[limit - 1][0].id) if len(found) > limit else None


async def count_entries(
    session: AsyncSession, actor: Actor, code: str, month: str, *, now: datetime
) -> dict[Standing, int]:
    """Count a month's entries by where they stand. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    standings: tuple[Standing, ...] = ("new", "waiting", "late", "answered")
    counts = [func.count().filter(_stands(one, now=now)) for one in standings]
    row = (await session.execute(select(*counts).where(ListEntry.code == code, ListEntry.month == month))).one()
    return dict(zip(standings, row, strict=True))


async def read_entry(session: AsyncSession, actor: Actor, entry_id: int) -> Row | None:
    """Return an entry with its incident and case; None out of reach. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    found = (await session.execute(with_cases().where(ListEntry.id == entry_id))).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


def _stands(standing: Standing, *, now: datetime) -> ColumnElement[bool]:
    handed, answered = ListEntry.handed_at.is_not(None), ListEntry.answered_at.is_not(None)
    return {
        "new": ~handed,
        "waiting": handed & ~answered,
        "late": handed & ~answered & (ListEntry.answer_due_at < now),
        "answered": answered,
    }[standing]
