"""Read what a person did. Row-level security confines it to the session's reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.forces.tables import Force
from console.incidents.tables import Incident, TimelineEntry
from console.shift.rules import UNASKED


@dataclass(frozen=True, slots=True)
class OwnEntry:
    """An entry that the actor wrote in an incident's timeline, with what tells the incident from others."""

    id: int
    at: datetime
    kind: str
    incident: int
    case_code: str
    title: str
    category: str
    status: str
    force_name: str | None
    data: dict[str, Any]


async def list_own_entries(
    session: AsyncSession, actor: Actor, *, since: datetime, limit: int
) -> tuple[Sequence[OwnEntry], bool]:
    """Return the actor's newest entries since a moment, the newest first, and whether there are more.

    Incidents that have left the actor's reach are not among them. Raises `Forbidden`.
    """
    actor.require(Permission.READ_INCIDENTS)
    wanted = (
        select(TimelineEntry, Incident, Force.name)
        .join(Incident, Incident.id == TimelineEntry.incident_id)
        .outerjoin(Force, Force.id == TimelineEntry.force_id)
        .where(
            TimelineEntry.at >= since,
            TimelineEntry.actor_id == actor.user_id,
            TimelineEntry.kind.not_in(UNASKED),
        )
        .order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())
        .limit(limit + 1)
    )
    found = [_entry(*row) for row in await session.execute(wanted)]
    return found[:limit], len(found) > limit


def _entry(entry: TimelineEntry, incident: Incident, force_name: str | None) -> OwnEntry:
    return OwnEntry(
        id=entry.id,
        at=entry.at,
        kind=entry.kind,
        incident=incident.id,
        case_code=incident.case_code,
        title=incident.title,
        category=incident.category,
        status=incident.status,
        force_name=force_name,
        data=entry.data,
    )
