"""Operators' notes on an incident over HTTP."""

from fastapi import APIRouter, Response

from api.http.body_limits import STEP_BYTES
from api.http.etags import etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.incidents import IncidentOut, NoteIn
from api.http.wire.shapes import Id
from console.access.rules import Permission
from console.incidents.events import body_of
from console.incidents.notes import add_note
from console.incidents.queries import lock_incident

router = APIRouter(route_class=TransactionRoute, prefix="/api/incidents", tags=["incidents"])


@router.post(
    "/{incident_id}/notes",
    status_code=201,
    dependencies=[allowed(Permission.EDIT_INCIDENTS)],
    max_body_size=STEP_BYTES,
)
async def note(
    incident_id: Id,
    body: NoteIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    response: Response,
) -> IncidentOut:
    """Add a note to an incident, open or closed. It stands in the timeline, which only readers of incidents see."""
    incident = await lock_incident(session, incident_id)
    await add_note(session, incident, body.note, actor=actor, now=services.now())
    response.headers["ETag"] = etag_of(incident.version)
    return IncidentOut(**body_of(incident))
