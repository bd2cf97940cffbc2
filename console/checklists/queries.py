"""Read the checklists of centres within the caller's reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.checklists.tables import ChecklistMark

Latest = Mapping[tuple[str, str], ChecklistMark]
"""The latest marks of a centre, by checklist and item."""


@dataclass(frozen=True, slots=True)
class MarkCounts:
    """How many items of a centre are met and not met by their latest marks."""

    met: int = 0
    not_met: int = 0


async def latest_marks(session: AsyncSession, actor: Actor, unit: str) -> Latest:
    """Return the latest marks of a centre. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    key = (ChecklistMark.checklist, ChecklistMark.item)
    wanted = select(ChecklistMark).where(ChecklistMark.unit == unit).ext(distinct_on(*key))
    rows = await session.scalars(wanted.order_by(*key, ChecklistMark.id.desc()))
    return {(row.checklist, row.item): row for row in rows}


async def count_marks(session: AsyncSession, actor: Actor, units: Sequence[str]) -> Mapping[str, MarkCounts]:
    """Count the latest marks of centres, by their codes. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    key = (ChecklistMark.unit, ChecklistMark.checklist, ChecklistMark.item)
    latest = select(ChecklistMark.unit, ChecklistMark.met).where(ChecklistMark.unit.in_(units)).ext(distinct_on(*key))
    found = latest.order_by(*key, ChecklistMark.id.desc()).subquery()
    met = func.count().filter(found.c.met)
    rows = await session.execute(select(found.c.unit, met, func.count()).group_by(found.c.unit))
    return {unit: MarkCounts(yes, every - yes) for unit, yes, every in rows}
