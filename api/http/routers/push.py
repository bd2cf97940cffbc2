"""Web Push: a phone subscribes, asks for a test, and its worker proves what it has shown.

An extra. A phone that reaches no push service is told of new tasks by its open page alone.
"""

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import STEP_BYTES
from api.http.sign_in.sessions import secret_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.push import PushIn, PushOut, PushProofIn
from api.services import Services
from api.watch.push_service import PushService
from console.access.queries import session_id_of
from console.access.rules import Permission
from console.messages.actions import ask_for_test, keep_shown, subscribe, unsubscribe
from console.messages.queries import last_test_of, subscription_of
from console.messages.rules import PushNotOffered, service_of
from console.presence.actions import tell_notified
from geo.errors import NotFound

router = APIRouter(route_class=TransactionRoute, prefix="/api/push", tags=["tasks"])
proofs = APIRouter(prefix="/api/push", tags=["tasks"])


@router.get("")
async def read(request: Request, session: CurrentSession, actor: CurrentActor, services: CurrentServices) -> PushOut:
    """Tell the server's key, and how it is with this sign-in's subscription."""
    actor.require(Permission.ANSWER_OWN_TASKS)
    return await _told(session, services, await session_id_of(session, secret_of(request) or ""))


@router.put("", max_body_size=STEP_BYTES)
async def keep(
    body: PushIn, request: Request, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> PushOut:
    """Keep the browser's subscription, for this sign-in: in the place of another one, and of whoever was signed in on
    the device before. It ends when this is signed out. 409 `push.not_offered` where the server sends none, 422
    `push.service` for a push service that is not allowed.
    """
    service_of(body.endpoint, _offered(services).allowed)
    session_id = await session_id_of(session, secret_of(request) or "")
    await subscribe(
        session,
        actor,
        session_id,
        endpoint=body.endpoint,
        p256dh=body.keys.p256dh,
        auth=body.keys.auth,
        language=body.language,
        now=services.now(),
    )
    return await _told(session, services, session_id)


@router.delete("", status_code=204, response_class=Response, max_body_size=STEP_BYTES)
async def end(request: Request, session: CurrentSession, actor: CurrentActor) -> None:
    """End this sign-in's subscription. Without one, nothing happens."""
    actor.require(Permission.ANSWER_OWN_TASKS)
    await unsubscribe(session, await session_id_of(session, secret_of(request) or ""))


@router.post("/test", status_code=202, max_body_size=STEP_BYTES)
async def send_test(
    request: Request, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> PushOut:
    """Send a test notice to this sign-in's subscription. Showing it proves the device."""
    _offered(services)
    session_id = await session_id_of(session, secret_of(request) or "")
    await ask_for_test(session, actor, session_id, now=services.now())
    return await _told(session, services, session_id)


@proofs.post("/proofs", status_code=204, response_class=Response, max_body_size=STEP_BYTES)
async def prove(body: PushProofIn, services: CurrentServices) -> None:
    """Say that a notice was shown, by the token in it alone: a phone in a pocket may be signed in no longer.

    404 for a token of none.
    """
    message = services.push.key.message_of(body.token) if services.push else None
    if message is None:
        raise NotFound
    now = services.now()
    async with services.store.transaction(services.live.root) as session:
        task = await keep_shown(session, message, now=now)
        if task is not None:
            await tell_notified(session, task, now=now)


def _offered(services: Services) -> PushService:
    if services.push is None:
        raise PushNotOffered
    return services.push


async def _told(session: AsyncSession, services: Services, session_id: int) -> PushOut:
    found = await subscription_of(session, session_id)
    last = None if found is None else await last_test_of(session, found.id)
    return PushOut.told(services.push.key.public if services.push else None, found, last)
