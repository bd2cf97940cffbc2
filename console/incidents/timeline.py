"""Write to timelines 流转记录, inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.incidents.tables import Incident, TimelineEntry
from geo.store import BulkInsert

WRITE = BulkInsert(TimelineEntry)


@dataclass(frozen=True, slots=True)
class Entry:
    """A new timeline entry. `data` holds codes and numbers, old and new values of what changed, and in `note` the
    actor's text.
    """

    kind: str
    actor_id: int | None = None
    force_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


async def note(session: AsyncSession, incident: Incident, entry: Entry, *, now: datetime) -> None:
    """Write an entry to an incident's timeline; change nothing else."""
    await note_many(session, [(incident, entry)], now=now)


async def note_many(session: AsyncSession, entries: Sequence[tuple[Incident, Entry]], *, now: datetime) -> None:
    """Write entries for many incidents in one statement."""
    lines = [timeline_row(incident.id, entry, path=incident.division_path, now=now) for incident, entry in entries]
    await insert_timeline_rows(session, lines)


def timeline_row(incident_id: int, entry: Entry, *, path: str, now: datetime) -> dict[str, Any]:
    """Build the columns of a timeline entry; `path` is the incident's division path."""
    return {
        "at": now,
        "incident_id": incident_id,
        "kind": entry.kind,
        "actor_id": entry.actor_id,
        "force_id": entry.force_id,
        "data": dict(entry.data),
        "division_path": path,
    }


async def insert_timeline_rows(session: AsyncSession, lines: Sequence[Mapping[str, Any]]) -> None:
    """Insert timeline entries given as rows."""
    if lines:
        await WRITE.run(session, lines)
