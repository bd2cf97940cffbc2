"""Authenticate requests: cookie sessions for browsers, bearer tokens for programs."""

from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from api.http.errors import ForeignOrigin, NotSignedIn
from api.http.public_address import prefix_of
from api.services import Services, services_of
from console.access.actions import touch_session
from console.access.queries import actor_of, find_session
from console.access.rules import Actor
from console.access.tables import Session

COOKIE = "maplebridge_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def secret_of(connection: HTTPConnection) -> str | None:
    """Return the session's secret: of the `Authorization: Bearer` header if there is one, else of the cookie."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return connection.cookies.get(cookie_name(COOKIE, connection))


def cookie_name(name: str, connection: HTTPConnection) -> str:
    """Return a cookie's full name. Behind TLS, `__Host-` makes browsers refuse one that another host has set.

    Browsers want the path `/` of such a cookie; under a path prefix it has to be `__Secure-`.
    """
    if not services_of(connection).settings.is_behind_tls:
        return name
    return f"{'__Secure-' if prefix_of(connection) else '__Host-'}{name}"


def check_origin(connection: HTTPConnection, allowed: tuple[str, ...]) -> None:
    """Raise `ForeignOrigin` for a call from a page of another site, which the browser would send with our cookie.

    Browsers send `Origin` with every unsafe request and every WebSocket handshake; programs send none.
    """
    origin = connection.headers.get("origin")
    if origin is None or origin in allowed:
        return
    if _host_of(origin) != connection.headers.get("host"):
        raise ForeignOrigin(origin=origin)


def _host_of(origin: str) -> str:
    """Return host and port of an origin, "" for an unparsable one."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


async def authenticate(connection: HTTPConnection, services: Services) -> Actor:
    """Return the actor of a request. Raises `NotSignedIn` or `ForeignOrigin`."""
    return actor_of(await session_of_request(connection, services))


async def session_of_request(connection: HTTPConnection, services: Services) -> Session:
    """Return the live session of a request or a handshake, with its user. Raises `NotSignedIn` or `ForeignOrigin`."""
    if connection.scope["type"] == "websocket" or connection.scope.get("method") not in SAFE_METHODS:
        check_origin(connection, services.settings.trusted_origins)
    return await session_of(secret_of(connection), services)


async def session_of(secret: str | None, services: Services) -> Session:
    """Return the live session of a secret, with its user. Raises `NotSignedIn`."""
    if not secret:
        raise NotSignedIn
    now, idle = services.now(), timedelta(minutes=services.settings.idle_minutes)
    async with services.store.autocommit() as session:
        found = await find_session(session, secret, now=now, idle=idle)
        if found is not None:
            await touch_session(session, found, now=now)
    if found is None:
        raise NotSignedIn
    return found
