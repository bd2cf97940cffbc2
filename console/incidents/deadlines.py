"""The deadlines of an incident: its first response 首次响应."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.deadlines.actions import DeadlineRequest, cancel_deadline, cancel_deadlines, set_deadline, set_deadlines
from console.deadlines.rules import DeadlineKind, Limit
from console.feed.actions import append
from console.flow.terms import CLOSED, REGISTERED
from console.incidents.events import KIND, change_of
from console.incidents.queries import forces_by_incident
from console.incidents.register import Row
from console.incidents.tables import Incident
from console.incidents.timeline import Entry, note_many

FIRST_RESPONSE = f"{KIND.name}.first_response"
WARN_SHARE = 0.66
"""Share of the limit after which screens show a waiting incident in amber."""


async def set_first_response_deadlines(session: AsyncSession, rows: Iterable[Row]) -> None:
    """Set the first-response deadline of each open one of these new incidents, given as rows."""
    asked = [
        _request(row["id"], row["division_path"], start=row["registered_at"], due_at=row["first_due_at"])
        for row in rows
        if row["closed_at"] is None
    ]
    await set_deadlines(session, FIRST_RESPONSE, asked)


async def update_first_response_deadline(session: AsyncSession, incident: Incident, *, now: datetime) -> None:
    """Update the deadline to the incident's stage: open while it waits for a force, else cancelled.

    An incident that waits again, after its force declined or was recalled, keeps its first due time.
    """
    if incident.status == REGISTERED:
        start, due_at = incident.registered_at, incident.first_due_at
        asked = _request(incident.id, incident.division_path, start=start, due_at=due_at)
        await set_deadline(session, FIRST_RESPONSE, asked)
    elif incident.status == CLOSED:
        await cancel_deadlines(session, KIND.name, incident.id, now=now)
    else:
        await cancel_deadline(session, FIRST_RESPONSE, incident.id, now=now)


async def warn_due_soon(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
    """Add a due-soon entry to the timelines of incidents that still wait."""
    found = await _lock(session, subjects)
    entries = [(incident, Entry("first_response.due_soon")) for incident in found if incident.status == REGISTERED]
    await note_many(session, entries, now=now)
    return [incident.id for incident in found]


async def mark_overdue(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
    """Add an overdue entry to the timelines of incidents that still wait, and append their events."""
    found = await _lock(session, subjects)
    late = [incident for incident in found if incident.status == REGISTERED]
    for incident in late:
        incident.version += 1
    await session.flush()
    await note_many(session, [(incident, Entry("first_response.overdue")) for incident in late], now=now)
    forces = await forces_by_incident(session, [incident.id for incident in late])
    await append(session, [change_of(incident, sent=forces[incident.id]) for incident in late], now=now)
    return [incident.id for incident in found]


KINDS = (DeadlineKind(FIRST_RESPONSE, on_due=mark_overdue, on_warn=warn_due_soon),)


async def _lock(session: AsyncSession, incident_ids: Sequence[int]) -> Sequence[Incident]:
    """Lock and return these incidents, without those locked by another transaction."""
    wanted = select(Incident).where(Incident.id.in_(incident_ids)).order_by(Incident.id)
    return (await session.scalars(wanted.with_for_update(key_share=True, skip_locked=True))).all()


def _request(incident_id: int, path: str, *, start: datetime, due_at: datetime) -> DeadlineRequest:
    return DeadlineRequest(incident_id, path, start, Limit.of(due_at - start, warn_share=WARN_SHARE))
