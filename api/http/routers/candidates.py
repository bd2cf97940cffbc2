"""Candidates of an incident over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.errors import Invalid
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.shapes import Id
from api.http.wire.tasks import CandidatesOut, RoleCode, WayOut
from console.access.rules import Permission
from console.dispatching.answering import responders_to
from console.dispatching.queries import Wanted, candidates_for, find_candidate, route_for
from console.flow.rules import role_for
from console.flow.terms import Role
from console.incidents.queries import get_visible_incident
from console.tasks.queries import get_incident_of_own_task, tasks_on
from geo.text import has_unseen

router = APIRouter(route_class=TransactionRoute, tags=["tasks"])


@router.get("/api/incidents/{incident_id}/candidates", dependencies=[allowed(Permission.DISPATCH)])
async def list_candidates(
    incident_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=1000)] = 10,
    role: Annotated[
        RoleCode | None, Query(description="To be taken. If left out: lead, or support where another force leads.")
    ] = None,
    q: Annotated[
        str | None, Query(description="Only those with this in their name, code or organisation.", max_length=100)
    ] = None,
    kind: Annotated[str | None, Query(description="Only forces of this kind.", max_length=64)] = None,
    force: Annotated[Id | None, Query(description="Only this force.")] = None,
) -> CandidatesOut:
    """List forces that can be sent, lowest cost in minutes first, and those that cannot, with the reason.

    Travel is by road where roads are known: its reason then has `route_m`, an estimate's has `distance_m`, and `doubt`
    where roads did not answer in time: `roads`, or `closures` where what is closed is not counted for that. Ways go
    round what is closed; where an end lies on a closed road, the reason `road_closed` has what is walked, `closed_m`. A
    force from which no way is known is excluded with `travel.no_way`. A force stands in one of the lists only. Who may
    answer the incident in the role is the pack's to say.
    """
    incident = await get_visible_incident(session, actor, incident_id)
    taken = Role(role) if role else role_for(await tasks_on(session, incident_id))
    pack, graph, now = services.pack, await services.open_roads(session), services.now()
    responders = responders_to(pack.answers, category=incident.category, risk=incident.risk, role=taken)
    if force is not None:
        choice = await find_candidate(
            session, incident, force, terms=pack.dispatch, responders=responders, graph=graph, now=now
        )
    else:
        wanted = Wanted(words=_words(q), kind=kind or None)
        choice = await candidates_for(
            session,
            incident,
            terms=pack.dispatch,
            responders=responders,
            wanted=wanted,
            graph=graph,
            limit=limit,
            now=now,
        )
    others = services.attention.others(incident_id, user=actor.user_id, now=now)
    services.attention.note(incident_id, user=actor.user_id, name=actor.username, now=now)
    return CandidatesOut.of(choice, role=taken, opened_by=others)


@router.get("/api/incidents/{incident_id}/ways/{force_id}")
async def read_way(
    incident_id: Id, force_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> WayOut | None:
    """Find the way by road by which a force would come, with its line. Null where none is known, as without roads.

    For those who dispatch, and for a force that is on its way there.
    """
    if actor.may(Permission.DISPATCH):
        incident = await get_visible_incident(session, actor, incident_id)
    else:
        incident = await get_incident_of_own_task(session, actor, incident_id, force_id=force_id)
    terms, graph = services.pack.dispatch, await services.open_roads(session)
    found = await route_for(session, incident, force_id, terms=terms, graph=graph, now=services.now())
    return None if found is None else WayOut.of(found)


def _words(q: str | None) -> str | None:
    """Return the words to look for, or None where there are none. Raises `Invalid` for those that nobody sees."""
    words = (q or "").strip()
    if has_unseen(words):
        raise Invalid(errors=[{"field": "q", "code": "format"}])
    return words or None
