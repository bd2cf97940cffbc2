"""Move entries of monthly lists with their incidents to other divisions."""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.deadlines.actions import move_deadlines
from console.incidents.tables import Incident
from console.lists.tables import ListEntry

SUBJECT = "list"


async def move_entries(session: AsyncSession, incident_ids: Collection[int]) -> None:
    """Put the entries of incidents into the divisions of these."""
    paths = select(Incident.division_path).where(Incident.id == ListEntry.incident_id).scalar_subquery()
    moved = update(ListEntry).where(ListEntry.incident_id.in_(incident_ids), ListEntry.division_path != paths)
    returned = moved.values(division_path=paths).returning(ListEntry.id, ListEntry.division_path)
    for entry_id, path in (await session.execute(returned)).all():
        await move_deadlines(session, SUBJECT, [entry_id], division_path=path)
