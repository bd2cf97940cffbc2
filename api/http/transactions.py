"""One transaction for one request, in the actor's reach, committed before the answer leaves.

FastAPI closes `yield` dependencies after the answer has been sent: a client would hear of success before the commit,
and of success although the commit failed. So the route itself holds the transaction.
"""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.idempotency import claim_of, once
from api.http.sign_in.basic import basic_sign_in_of, credentials_of
from api.http.sign_in.sessions import SAFE_METHODS, authenticate
from api.services import Services, services_of
from console.access.rules import Actor, Permission

READ_SECONDS = 15.0
"""The database cancels a statement of a read that takes longer."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class SignedInRoute(APIRoute):
    """A route for signed-in callers, with the whole body read before anything else is held for it."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def after_sign_in(request: Request) -> Response:
            request.state.actor = await authenticate(request, services_of(request))
            if request.method not in SAFE_METHODS:
                await request.body()
            return await handle(request)

        return after_sign_in


class StreamedRoute(APIRoute):
    """A route for signed-in callers whose handler reads the body as it comes, before it holds anything else."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def after_sign_in(request: Request) -> Response:
            request.state.actor = await authenticate(request, services_of(request))
            return await handle(request)

        return after_sign_in


class TransactionRoute(SignedInRoute):
    """A route for signed-in callers whose handler runs inside one transaction.

    A write with an `Idempotency-Key` is done once; see `api/http/idempotency.py`.
    """

    async def sign_in(self, request: Request, services: Services) -> Actor:
        """Return the signed-in actor. Raises `NotSignedIn` or `ForeignOrigin`."""
        return await authenticate(request, services)

    def get_route_handler(self) -> Handler:
        handle = APIRoute.get_route_handler(self)

        async def in_one_transaction(request: Request) -> Response:
            services = services_of(request)
            actor = request.state.actor = await self.sign_in(request, services)
            if request.method in SAFE_METHODS:
                return await _read(request, handle)
            claim = await claim_of(request, actor)
            async with services.store.transaction(actor.reach) as session:
                request.state.session = session
                if claim is None:
                    return await handle(request)
                return await once(session, claim, partial(handle, request), now=services.now())

        return in_one_transaction


async def _read(request: Request, handle: Handler) -> Response:
    """Handle a read in one of its account's turns, which are fewer than there are connections."""
    services, actor = services_of(request), request.state.actor
    async with (
        services.reads.turn(actor.user_id),
        services.store.transaction(actor.reach, statement_seconds=READ_SECONDS) as session,
    ):
        request.state.session = session
        return await handle(request)


class LayerRoute(TransactionRoute):
    """A route to what is on the map, for programs that know HTTP Basic and nothing else, too."""

    async def sign_in(self, request: Request, services: Services) -> Actor:
        said = credentials_of(request)
        if said is None:
            return await authenticate(request, services)
        basic = basic_sign_in_of(request)
        caller = basic.passwords.caller(request, said.username)
        return await basic.actor(said, caller, now=services.now())


# None of these waits for anything. FastAPI would send what is not async to a thread, which takes ten times as long.
async def _actor(request: Request) -> Actor:
    actor = request.state.actor
    assert isinstance(actor, Actor)
    return actor


async def _session(request: Request) -> AsyncSession:
    session = request.state.session
    assert isinstance(session, AsyncSession)
    return session


async def _services(request: Request) -> Services:
    return services_of(request)


CurrentActor = Annotated[Actor, Depends(_actor)]
CurrentSession = Annotated[AsyncSession, Depends(_session)]
CurrentServices = Annotated[Services, Depends(_services)]


def allowed(permission: Permission) -> Any:
    """A route dependency: 403 unless the actor's role has the permission."""

    async def check(actor: CurrentActor) -> None:
        actor.require(permission)

    return Depends(check)
