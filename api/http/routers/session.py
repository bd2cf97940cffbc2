"""Sign-in, sign-out and the current user."""

import asyncio
import secrets
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import SIGN_IN_BYTES
from api.http.errors import NotSignedIn
from api.http.public_address import prefix_of
from api.http.sign_in.sessions import COOKIE, authenticate, check_origin, secret_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.access import MeOut, ScopeOut, SignInIn
from api.metrics import SIGN_INS
from api.services import Services
from console.access.actions import Attempt, begin_attempt, end_session, open_session, reset_attempts
from console.access.passwords import password_matches
from console.access.queries import actor_of_user, get_user
from console.access.rules import ROLES, Actor, SignIn, SignInRefused, sign_in_of
from geo.store import NO_REACH
from layers.divisions.queries import find_bbox, find_by_path

router = APIRouter(tags=["access"])
mine = APIRouter(route_class=TransactionRoute, tags=["access"])

SECRET_BYTES = 32


@router.post("/api/session", max_body_size=SIGN_IN_BYTES)
async def sign_in(body: SignInIn, request: Request, response: Response, services: CurrentServices) -> MeOut:
    """Sign in with username and password; sets the session cookie and returns the user.

    401 `session.refused` for a wrong name, a wrong password and a locked-out user alike.
    """
    check_origin(request, services.settings.trusted_origins)
    now = services.now()
    attempt = await _attempt(services, body, now=now)
    SIGN_INS.labels("refused" if attempt is None else "accepted").inc()
    if attempt is None:
        raise SignInRefused
    made = sign_in_of(attempt.role, lasts=timedelta(hours=services.settings.session_hours))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    async with services.store.transaction(NO_REACH) as session:
        await reset_attempts(session, attempt.user_id)
        # On a shared desk, the former user's session must not stay valid.
        await end_session(session, request.cookies.get(COOKIE, ""), now=now)
        await open_session(session, attempt.user_id, secret=secret, kind=made.kind, label="", now=now, lasts=made.lasts)
        actor = actor_of_user(await get_user(session, body.username))
    _set_cookie(response, secret, made, path=cookie_path(request), secure=services.settings.secure_cookies)
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
    path, secure = cookie_path(request), services.settings.secure_cookies
    response.delete_cookie(COOKIE, path=path, httponly=True, samesite="strict", secure=secure)
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


async def _attempt(services: Services, body: SignInIn, *, now: datetime) -> Attempt | None:
    """Count the attempt, then check the password. None when either fails, after the same time."""
    async with services.store.transaction(NO_REACH) as session:
        attempt = await begin_attempt(session, body.username, now=now)
    stored = attempt.password_hash if attempt else None
    matches = await asyncio.to_thread(password_matches, body.password, stored)
    return attempt if matches else None


def _set_cookie(response: Response, secret: str, made: SignIn, *, path: str, secure: bool) -> None:
    seconds = int(made.lasts.total_seconds())
    response.set_cookie(COOKIE, secret, max_age=seconds, path=path, httponly=True, samesite="strict", secure=secure)


def cookie_path(request: Request) -> str:
    """Return the path of the session cookie: behind a prefix, other servers of the host do not get it."""
    return prefix_of(request) or "/"


async def _me(session: AsyncSession, actor: Actor, services: Services, *, accept_language: str) -> MeOut:
    user = await get_user(session, actor.username)
    return MeOut(
        username=user.username,
        display_name=user.display_name,
        role=user.role,
        permissions=sorted(ROLES[user.role]),
        scope=await _scope(session, actor, services),
        force=user.force_id,
        locale=locale_of(accept_language),
    )


async def _scope(session: AsyncSession, actor: Actor, services: Services) -> ScopeOut:
    today, code = services.today(), actor.scope.rsplit(".", 1)[-1]
    division = await find_by_path(session, actor.scope, day=today)
    bbox = await find_bbox(session, actor.scope, day=today)
    name, level = (division.name, division.level) if division else (code, None)
    return ScopeOut(code=code, name=name, level=level, path=actor.scope, bbox=bbox)
