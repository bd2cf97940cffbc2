"""Operators' notes on an incident, inside the caller's transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.incidents.actions import record_change
from console.incidents.queries import forces_on
from console.incidents.tables import Incident
from console.incidents.timeline import Entry

NOTED = "noted"


async def add_note(session: AsyncSession, incident: Incident, words: str, *, actor: Actor, now: datetime) -> None:
    """Add a note to the timeline of an incident, open or closed. Lock it before.

    The note stands in the timeline alone: the event only tells screens that there is something new to read.
    """
    sent = await forces_on(session, incident.id)
    entry = Entry(NOTED, actor_id=actor.user_id, data={"note": words})
    await record_change(session, incident, entry, sent=sent, now=now)
