"""What the pages of phones say of themselves, over HTTP."""

from fastapi import APIRouter

from api.http.body_limits import STEP_BYTES
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.presence import PresenceIn, PresenceOut
from console.presence.actions import tell_presence
from console.presence.events import body_of

router = APIRouter(route_class=TransactionRoute, tags=["tasks"])


@router.put("/api/presence", max_body_size=STEP_BYTES)
async def tell(
    body: PresenceIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> PresenceOut:
    """Say whether the page of the caller's own force is in front, and which task it has. The same again changes
    nothing; a task that has ended is ignored.
    """
    found = await tell_presence(session, actor, state=body.state, task_id=body.task, now=services.now())
    return PresenceOut(**body_of(found))
