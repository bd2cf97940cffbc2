"""The address under which users reach the server: `MAPLEBRIDGE_PUBLIC_URL`, or else what the request says of itself.

Behind a proxy with a path prefix, requests come with the prefix or without it. Routes know paths without; links, pages,
cookies and the socket's address have it.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.errors import problem, status_of
from geo.errors import ErrorKind, MaplebridgeError

PREFIX = "public_prefix"
FORWARDED = "x-forwarded-prefix"
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")


class ForeignHost(MaplebridgeError):
    """The request's `Host` is neither the public one, nor an IP address or a name without a dot."""

    code = "host.foreign"
    kind = ErrorKind.MISDIRECTED


class WrongPrefix(MaplebridgeError):
    """The proxy's `X-Forwarded-Prefix` is not the path of `MAPLEBRIDGE_PUBLIC_URL`. `params`: `prefix`, `setting`."""

    code = "path.prefix"
    kind = ErrorKind.UNREADABLE


class PublicAddress:
    """Takes the path prefix off the request's path, and refuses requests for other hosts."""

    def __init__(self, app: ASGIApp, public_url: str | None) -> None:
        self.app = app
        self.public = urlsplit(public_url) if public_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            try:
                self._settle(scope, Headers(scope=scope))
            except MaplebridgeError as refusal:
                answer = problem(
                    HTTPConnection(scope), status=status_of(refusal), code=refusal.code, params=refusal.params
                )
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _settle(self, scope: Scope, headers: Mapping[str, str]) -> None:
        forwarded = headers.get(FORWARDED, "")
        if not _PREFIX.fullmatch(forwarded):
            raise WrongPrefix(prefix=forwarded[:100], setting="MAPLEBRIDGE_PUBLIC_URL")
        prefix = forwarded.rstrip("/")
        if self.public is not None:
            check_host(headers.get("host", ""), self.public.hostname or "")
            if prefix not in ("", self.public.path):
                raise WrongPrefix(prefix=prefix, setting="MAPLEBRIDGE_PUBLIC_URL")
            prefix = self.public.path
        scope.setdefault("state", {})[PREFIX] = prefix
        scope["path"] = route_path(scope["path"], prefix)


def check_host(given: str, public: str) -> None:
    """Raise `ForeignHost` for a name that is not the server's. Addresses and names without a dot are local ones."""
    try:
        host = urlsplit(f"//{given}").hostname or ""
    except ValueError:
        raise ForeignHost(host=given[:100]) from None
    if "." in host and host != public.lower() and not _is_address(host):
        raise ForeignHost(host=host[:100])


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def route_path(path: str, prefix: str) -> str:
    """Take the prefix off a path, and one slash off its end: `/ogc/` is `/ogc`, without a redirect."""
    inside = path.removeprefix(prefix) if f"{path}/".startswith(f"{prefix}/") else path
    return inside.removesuffix("/") or "/"


def prefix_of(connection: HTTPConnection) -> str:
    """Return the path prefix of links to this server, "" without one."""
    return str(connection.scope["state"].get(PREFIX, ""))


def public_root(request: Request, public_url: str | None) -> str:
    """Return the server's public address, without a slash at the end."""
    return public_url or f"{str(request.base_url).rstrip('/')}{prefix_of(request)}"
