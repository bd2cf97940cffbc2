"""The address under which users reach the server: `MAPLEBRIDGE_PUBLIC_URL`, or else what the request says of itself.

Behind a proxy with a path prefix, requests come with the prefix or without it. Routes know paths without; links, pages,
cookies and the socket's address have it.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.errors import problem, status_of
from geo.errors import ErrorKind, MaplebridgeError

PREFIX = "public_prefix"
FORWARDED = "x-forwarded-prefix"
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")


class WrongPrefix(MaplebridgeError):
    """The proxy's `X-Forwarded-Prefix` is not the path of `MAPLEBRIDGE_PUBLIC_URL`. `params`: `prefix`, `setting`."""

    code = "path.prefix"
    kind = ErrorKind.UNREADABLE


class PublicAddress:
    """Takes the path prefix off the request's path."""

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
            if prefix not in ("", self.public.path):
                raise WrongPrefix(prefix=prefix, setting="MAPLEBRIDGE_PUBLIC_URL")
            prefix = self.public.path
        scope.setdefault("state", {})[PREFIX] = prefix
        scope["path"] = route_path(scope["path"], prefix)


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
