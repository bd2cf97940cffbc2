"""The live socket over HTTP: authenticates the client and determines its audience."""

from fastapi import APIRouter, Query, WebSocket

from api.http.addresses import reject_nul
from api.http.errors import problem, status_of
from api.http.sign_in.sessions import session_of_request
from api.live.audiences import audience_of, path_of
from api.live.conversation import Conversation
from api.live.hub import Member
from api.live.socket import serve
from api.services import Services, services_of
from console.access.queries import actor_of
from console.feed.rules import Cursor
from geo.errors import MaplebridgeError

router = APIRouter()


@router.websocket("/api/live")
async def live(
    websocket: WebSocket,
    scope: str | None = Query(None),
    since: str | None = Query(None),
    wall: bool = Query(False),
) -> None:
    """Follow the feed from `since`, the `epoch:pos` of a snapshot, or from now on."""
    services = services_of(websocket)
    try:
        reject_nul(websocket)
        cursor = Cursor.parse(since) if since else None
        member = await _member(websocket, services, scope=scope, wall=wall)
    except MaplebridgeError as refusal:
        answer = problem(websocket, status=status_of(refusal), code=refusal.code, params=refusal.params)
        await websocket.send_denial_response(answer)
        return
    await websocket.accept()
    await serve(websocket, services.live, member, Conversation(cursor))


async def _member(websocket: WebSocket, services: Services, *, scope: str | None, wall: bool) -> Member:
    async with services.live.admission:
        found = await session_of_request(websocket, services)
        actor = actor_of(found)
        if scope is None:
            return Member(audience_of(actor, wall=wall), actor, found.id)
        async with services.store.transaction(actor.reach) as session:
            path = await path_of(session, scope, actor=actor, day=services.today())
        return Member(audience_of(actor, wall=wall, scope=path), actor, found.id)
