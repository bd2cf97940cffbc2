"""Closures of roads over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.http.body_limits import STEP_BYTES
from api.http.errors import Invalid
from api.http.etags import etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.closures import ClosureIn, ClosureOut
from api.http.wire.shapes import Id, Page
from console.access.rules import Permission
from console.closures.actions import close_roads, lift_closure
from console.closures.events import body_of, masked
from console.closures.queries import list_closures

router = APIRouter(route_class=TransactionRoute, prefix="/api/closures", tags=["closures"])


@router.get("", dependencies=[allowed(Permission.READ_LAYERS)])
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Only those that have not ended, or only those that have.")
    ] = None,
) -> Page[ClosureOut]:
    """List closures within reach and around it, in order of id. Those who may not read incidents are told neither who
    closed the roads nor why.
    """
    page, following = await list_closures(session, limit=limit, cursor=cursor, is_open=is_open)
    bodies = map(body_of, page)
    shown = bodies if actor.may(Permission.READ_INCIDENTS) else map(masked, bodies)
    return Page[ClosureOut](items=[ClosureOut(**body) for body in shown], next=following)


@router.post("", status_code=201, max_body_size=STEP_BYTES)
async def close(
    body: ClosureIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices, response: Response
) -> ClosureOut:
    """Close roads. From then on, rankings, ways, proposals and the 15-minute circle go round them, and every hall whose
    division they lie in, or that lies in theirs, is shown it. Where ways are estimates, for lack of roads, their
    minutes stay.
    """
    if body.drawn == "polygon" and len({*body.points}) < 3:
        raise Invalid(errors=[{"field": "points", "code": "too_short"}])
    closure = await close_roads(session, actor, body.wanted(), today=services.today(), now=services.now())
    response.headers["ETag"] = etag_of(closure.version)
    return ClosureOut(**body_of(closure))


@router.post("/{closure_id}/lift", max_body_size=STEP_BYTES)
async def lift(
    closure_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices, response: Response
) -> ClosureOut:
    """Open the roads again. Doing so again changes nothing."""
    closure = await lift_closure(session, actor, closure_id, now=services.now())
    response.headers["ETag"] = etag_of(closure.version)
    return ClosureOut(**body_of(closure))
