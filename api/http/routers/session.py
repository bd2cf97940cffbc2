"""Sign-in, sign-out and the current user."""

import secrets
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import SIGN_IN_BYTES
from api.http.errors import NotSignedIn
from api.http.public_address import prefix_of
from api.http.sign_in.passwords import DEVICE_COOKIE, Credentials, password_sign_in_of
from api.http.sign_in.sessions import COOKIE, authenticate, check_origin, cookie_name, secret_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.access import MeOut, ScopeOut, SignInIn
from api.services import Services, services_of
from console.access.actions import end_session, open_session
from console.access.queries import actor_of_user, get_user
from console.access.rules import ROLES, Actor, Permission, sign_in_of
from geo.store import NO_REACH
from layers.divisions.queries import find_bbox, find_by_path

DEVICE_LASTS = timedelta(days=365)
SECRET_BYTES = 32


class SignInRoute(APIRoute):
    """A route that refuses an address without a budget before it reads anything."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def within_budget(request: Request) -> Response:
            if request.method == "POST":
                await password_sign_in_of(request).check_address(request, now=services_of(request).now())
            return await handle(request)

        return within_budget


router = APIRouter(route_class=SignInRoute, tags=["access"])
mine = APIRouter(route_class=TransactionRoute, tags=["access"])


@router.post("/api/session", max_body_size=SIGN_IN_BYTES)
async def sign_in(body: SignInIn, request: Request, response: Response, services: CurrentServices) -> MeOut:
    """Sign in with username and password; sets the session cookie and returns the user.

    401 `session.refused` for a wrong name, a wrong password and a disabled user alike. After five of them the next
    attempt for the name from the same address gets 429 `session.too_many` until `Retry-After`; so does an address with
    many, for any name. A device where the user has signed in before is judged by itself.
    """
    check_origin(request, services.settings.trusted_origins)
    now, passwords = services.now(), password_sign_in_of(request)
    user = await passwords.user(
        Credentials(body.username, body.password), passwords.caller(request, body.username), now=now
    )
    made = sign_in_of(user.role, lasts=timedelta(hours=services.settings.session_hours))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    async with services.store.transaction(NO_REACH) as session:
        # On a shared desk, the former user's session must not stay valid.
        await end_session(session, request.cookies.get(cookie_name(COOKIE, request), ""), now=now)
        await open_session(session, user.id, secret=secret, kind=made.kind, label="", now=now, lasts=made.lasts)
        actor = actor_of_user(await get_user(session, body.username))
    _set_cookie(request, response, COOKIE, secret, lasts=made.lasts)
    _set_cookie(request, response, DEVICE_COOKIE, passwords.remembered(request, body.username), lasts=DEVICE_LASTS)
    async with services.store.transaction(actor.reach) as session:
        return await _me(session, actor, services, accept_language=request.headers.get("accept-language", ""))


@router.get("/api/session", response_model=MeOut, responses={204: {"description": "Not signed in."}})
async def read_session(
    request: Request, services: CurrentServices, accept_language: Annotated[str, Header()] = ""
) -> MeOut | Response:
    """Return the current user, as `/api/me` does, or 204 when not signed in.

    For pages, which call it on every load: browsers log each 401 as an error.
    """
    try:
        actor = await authenticate(request, services)
    except NotSignedIn:
        return Response(status_code=204)
    async with services.store.transaction(actor.reach) as session:
        return await _me(session, actor, services, accept_language=accept_language)


@router.delete("/api/session", status_code=204, response_class=Response, max_body_size=SIGN_IN_BYTES)
async def sign_out(request: Request, services: CurrentServices) -> Response:
    """End the session, if there is one."""
    check_origin(request, services.settings.trusted_origins)
    secret = secret_of(request)
    if secret:
        async with services.store.transaction(NO_REACH) as session:
            await end_session(session, secret, now=services.now())
    response = Response(status_code=204)
    name, path, secure = cookie_name(COOKIE, request), cookie_path(request), services.settings.is_behind_tls
    response.delete_cookie(name, path=path, httponly=True, samesite="strict", secure=secure)
    return response


@mine.get("/api/me")
async def me(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    accept_language: Annotated[str, Header()] = "",
) -> MeOut:
    """Return the current user."""
    return await _me(session, actor, services, accept_language=accept_language)


def locale_of(accept_language: str) -> str:
    """Choose the first of the browser's languages that the screens have; Chinese by default."""
    wished = (wish.split(";")[0].strip().lower() for wish in accept_language.split(","))
    return next(("en" if wish.startswith("en") else "zh-CN" for wish in wished if wish[:2] in ("en", "zh")), "zh-CN")


def _set_cookie(request: Request, response: Response, name: str, value: str, *, lasts: timedelta) -> None:
    response.set_cookie(
        cookie_name(name, request),
        value,
        max_age=int(lasts.total_seconds()),
        path=cookie_path(request),
        httponly=True,
        samesite="strict",
        secure=services_of(request).settings.is_behind_tls,
    )


def cookie_path(request: Request) -> str:
    """Return the path of the session cookie: behind a prefix, other servers of the host do not get it."""
    return prefix_of(request) or "/"


async def _me(session: AsyncSession, actor: Actor, services: Services, *, accept_language: str) -> MeOut:
    user = await get_user(session, actor.username)
    return MeOut(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        role=user.role,
        permissions=sorted(ROLES[user.role]),
        scope=await _scope(session, actor, services),
        force=user.force_id,
        sources=_sources(actor, services),
        locale=locale_of(accept_language),
    )


def _sources(actor: Actor, services: Services) -> list[str]:
    """List the sources that the actor may report under, in the order of the pack."""
    own = actor.reports_as(desks=services.pack.reports.desks) if actor.may(Permission.REPORT_INCIDENTS) else ()
    return [source.code for source in services.pack.reports.sources if source.code in own]


async def _scope(session: AsyncSession, actor: Actor, services: Services) -> ScopeOut:
    today, code = services.today(), actor.scope.rsplit(".", 1)[-1]
    division = await find_by_path(session, actor.scope, day=today)
    bbox = await find_bbox(session, actor.scope, day=today)
    name, level = (division.name, division.level) if division else (code, None)
    return ScopeOut(code=code, name=name, level=level, path=actor.scope, bbox=bbox)
