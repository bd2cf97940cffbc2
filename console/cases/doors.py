"""Read what came in by other doors: the incidents merged into a case, who received each first, and its limits.

The clocks of a merged case stop at the merge. Here they are told as they stood then: kept or missed, whatever becomes
of the main case.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.tables import Case
from console.clocks.tables import Clock
from console.incidents.tables import Incident

CHANGED = "changed"
"""Outcome of a clock that another one has replaced: that one tells of the limit."""


@dataclass(frozen=True, slots=True)
class PastLimit:
    """A limit that ran until the merge, or until it was met before."""

    limit: str
    unit: str | None
    due_at: datetime
    stopped_at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class Door:
    """An incident merged into a case, at first or second hand: `into` is the one that it was merged into itself."""

    id: int
    into: int
    case_code: str
    registered_at: datetime
    first_unit: str
    merged_at: datetime
    limits: Sequence[PastLimit]


async def other_doors(session: AsyncSession, incident_id: int) -> list[Door]:
    """Return the doors by which else a case came in, the earliest first."""
    found = await _merged(session, incident_id)
    limits = await _limits(session, [case.incident_id for case, _ in found])
    doors = [
        Door(
            id=incident.id,
            into=incident.merged_into_id or incident_id,
            case_code=incident.case_code,
            registered_at=incident.registered_at,
            first_unit=case.first_unit,
            merged_at=incident.closed_at or incident.registered_at,
            limits=limits[incident.id],
        )
        for case, incident in found
    ]
    return sorted(doors, key=lambda door: (door.registered_at, door.id))


async def _merged(session: AsyncSession, incident_id: int) -> list[tuple[Case, Incident]]:
    below = select(Incident.id).where(Incident.merged_into_id == incident_id).cte("below", recursive=True)
    below = below.union(select(Incident.id).join(below, Incident.merged_into_id == below.c.id))
    wanted = select(Case, Incident).join(Incident, Incident.id == Case.incident_id)
    rows = await session.execute(wanted.where(Incident.id.in_(select(below.c.id))))
    return [(case, incident) for case, incident in rows]


async def _limits(session: AsyncSession, incident_ids: Sequence[int]) -> dict[int, list[PastLimit]]:
    limits: dict[int, list[PastLimit]] = defaultdict(list)
    wanted = select(Clock).where(Clock.incident_id.in_(incident_ids), Clock.outcome != CHANGED)
    for clock in await session.scalars(wanted.order_by(Clock.started_at, Clock.id)) if incident_ids else ():
        if clock.stopped_at is not None:
            kept = clock.stopped_at <= clock.due_at
            limits[clock.incident_id].append(
                PastLimit(clock.limit_code, clock.unit_code, clock.due_at, clock.stopped_at, kept)
            )
    return limits
