"""Views of cameras over HTTP: asked for a case, decided, and opened on the video platform."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.http.body_limits import STEP_BYTES
from api.http.errors import problem, status_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.shapes import Id, Page
from api.http.wire.viewing import ViewingIn, ViewingLinkOut, ViewingOut
from console.access.rules import Permission
from console.viewing.actions import Outcome, ask_to_view, decide_viewing, open_viewing
from console.viewing.queries import list_viewings
from console.viewing.rules import NoPlatform

router = APIRouter(route_class=TransactionRoute, tags=["cameras"], dependencies=[allowed(Permission.READ_INCIDENTS)])


@router.post("/api/cameras/{camera_id}/viewings", status_code=201, response_model=ViewingOut, max_body_size=STEP_BYTES)
async def ask(
    camera_id: Id,
    body: ViewingIn,
    request: Request,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
) -> ViewingOut | Response:
    """Ask to view a camera for an incident. It is granted at once where the place's rules say so, or waits to be
    approved. Every request is written down, refused ones too.
    """
    now = services.now()
    terms, today = services.pack.viewing, services.today()
    outcome = await ask_to_view(session, actor, body.wanted(camera_id), terms=terms, today=today, now=now)
    return _refused(request, outcome) or ViewingOut.of(outcome.viewing, actor, terms, now=now)


@router.get("/api/viewings")
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    incident: Annotated[Id | None, Query(description="Only those for this incident.")] = None,
) -> Page[ViewingOut]:
    """List requests within reach, latest first; those who do not oversee them see their own."""
    page, following = await list_viewings(session, actor, limit=limit, cursor=cursor, incident_id=incident)
    terms, now = services.pack.viewing, services.now()
    return Page[ViewingOut](items=[ViewingOut.of(row, actor, terms, now=now) for row in page], next=following)


@router.post("/api/viewings/{viewing_id}/approve", max_body_size=STEP_BYTES)
async def approve(
    viewing_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> ViewingOut:
    """Approve a request of somebody else. Its time begins now."""
    terms, now = services.pack.viewing, services.now()
    viewing = await decide_viewing(session, actor, viewing_id, approve=True, terms=terms, now=now)
    return ViewingOut.of(viewing, actor, terms, now=now)


@router.post("/api/viewings/{viewing_id}/decline", max_body_size=STEP_BYTES)
async def decline(
    viewing_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> ViewingOut:
    """Decline a request of somebody else."""
    terms, now = services.pack.viewing, services.now()
    viewing = await decide_viewing(session, actor, viewing_id, approve=False, terms=terms, now=now)
    return ViewingOut.of(viewing, actor, terms, now=now)


@router.post("/api/viewings/{viewing_id}/open", response_model=ViewingLinkOut, max_body_size=STEP_BYTES)
async def open_camera(
    viewing_id: Id, request: Request, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> ViewingLinkOut | Response:
    """Return the link to the camera on the video platform, and record the look. An expired grant is refused, which is
    written down, too.
    """
    if services.platform is None:
        raise NoPlatform
    outcome = await open_viewing(session, actor, viewing_id, platform=services.platform, now=services.now())
    return _refused(request, outcome) or ViewingLinkOut(url=outcome.link, expires_at=outcome.viewing.expires_at)


def _refused(request: Request, outcome: Outcome) -> Response | None:
    """Return the problem of a refused request: raised, it would take its own record back."""
    if outcome.refused is None:
        return None
    return problem(request, status=status_of(outcome.refused), code=outcome.refused.code, params=outcome.refused.params)
