"""One transaction for one request, in the actor's reach, committed before the answer leaves.

FastAPI closes `yield` dependencies after the answer has been sent: a client would hear of success before the commit,
and of success although the commit failed. So the route itself holds the transaction.
"""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services, services_of
from api.sign_in import authenticate
from console.access.rules import Actor, Permission

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class UnitRoute(APIRoute):
    """A route for signed-in callers whose handler runs inside one transaction."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def in_one_transaction(request: Request) -> Response:
            services = services_of(request)
            actor = await authenticate(request, services)
            request.state.actor = actor
            async with services.store.transaction(actor.reach) as session:
                request.state.session = session
                return await handle(request)

        return in_one_transaction


def _actor(request: Request) -> Actor:
    actor = request.state.actor
    assert isinstance(actor, Actor)
    return actor


def _session(request: Request) -> AsyncSession:
    session = request.state.session
    assert isinstance(session, AsyncSession)
    return session


CurrentActor = Annotated[Actor, Depends(_actor)]
CurrentSession = Annotated[AsyncSession, Depends(_session)]
CurrentServices = Annotated[Services, Depends(services_of)]


def allowed(permission: Permission) -> Any:
    """A route dependency: 403 unless the actor's role has the permission."""

    def check(actor: CurrentActor) -> None:
        actor.require(permission)

    return Depends(check)
