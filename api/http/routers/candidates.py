"""Candidates of an incident over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.shapes import Id
from api.http.wire.tasks import CandidatesOut
from console.access.rules import Permission
from console.dispatching.queries import candidates_for
from console.incidents.queries import get_visible_incident

router = APIRouter(route_class=TransactionRoute, tags=["tasks"])


@router.get("/api/incidents/{incident_id}/candidates", dependencies=[allowed(Permission.DISPATCH)])
async def list_candidates(
    incident_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> CandidatesOut:
    """List forces that can be sent, lowest cost in minutes first, and near ones that cannot, with the reason."""
    incident = await get_visible_incident(session, actor, incident_id)
    choice = await candidates_for(session, incident, terms=services.pack.dispatch, limit=limit, now=services.now())
    return CandidatesOut.of(choice)
