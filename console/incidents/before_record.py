"""Incidents of the time before the record began, which were imported as closed ones."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.feed.bodies import Body
from console.flow.terms import REGISTERED
from console.incidents.events import body_of
from console.incidents.rules import LIVE_AFTER_CLOSING
from console.incidents.tables import Incident


async def incidents_before_record(session: AsyncSession, moment: datetime) -> list[Body]:
    """Read the imported incidents that had been reported by `moment` and not been closed for long, by id.

    When they were assigned is not known: an open one is `registered`, as it was at first.
    """
    found = await session.scalars(
        select(Incident)
        .where(Incident.closed_at < Incident.registered_at, Incident.registered_at > moment)
        .where(Incident.occurred_at <= moment, Incident.closed_at > moment - LIVE_AFTER_CLOSING)
        .order_by(Incident.id)
    )
    return [_as_of(moment, incident) for incident in found]


def _as_of(moment: datetime, incident: Incident) -> Body:
    body = body_of(incident)
    if incident.closed_at is not None and incident.closed_at > moment:
        body |= {"status": REGISTERED, "closed_at": None}
    return body | {"registered_at": body["occurred_at"]}
