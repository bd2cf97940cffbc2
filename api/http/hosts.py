"""Which requests are for this server: the host that they name, and where their body ends.

A page of another site can point its own name at this server (DNS rebinding) and would then be of the same origin as we
are; and links in responses begin with the host of the request.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.errors import problem, status_of
from api.settings import Settings
from geo.errors import ErrorKind, MaplebridgeError


class ForeignHost(MaplebridgeError):
    """The request's `Host` is not a name of this server."""

    code = "host.foreign"
    kind = ErrorKind.MISDIRECTED


class TwoLengths(MaplebridgeError):
    """The request has both `Content-Length` and `Transfer-Encoding`."""

    code = "request.framing"
    kind = ErrorKind.UNREADABLE


@dataclass(frozen=True, slots=True)
class Hosts:
    """Names of this server. Addresses of local networks and names without a dot are its names, too."""

    named: frozenset[str]

    @classmethod
    def of(cls, settings: Settings) -> "Hosts":
        origins = (urlsplit(origin).hostname or "" for origin in settings.trusted_origins)
        machine = socket.gethostname().lower()
        return cls(frozenset({*origins, *map(str.lower, settings.trusted_hosts), machine, f"{machine}.local"}))

    def know(self, host: str, *, server: str | None) -> bool:
        """Return whether a `Host` header names this server. `server`: the address that the client connected to.

        HTTP/1.0 has no such header, and no page of a browser can leave it out.
        """
        name = name_of(host)
        if not name:
            return not host
        return "*" in self.named or name in self.named or name == server or is_local(name)


class KnownHosts:
    """Refuses requests and handshakes for another host, and requests whose end is told in two ways (RFC 9112, 6.3)."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.hosts = app, Hosts.of(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            try:
                self._check(scope, Headers(scope=scope))
            except MaplebridgeError as refusal:
                # Nobody knows what follows on the connection.
                close = {"Connection": "close"}
                refused = problem(HTTPConnection(scope), status=status_of(refusal), code=refusal.code, headers=close)
                await refused(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _check(self, scope: Scope, headers: Mapping[str, str]) -> None:
        if not self.hosts.know(headers.get("host", ""), server=(scope.get("server") or (None,))[0]):
            raise ForeignHost
        if "transfer-encoding" in headers and ("content-length" in headers or scope["http_version"] == "1.0"):
            raise TwoLengths


def name_of(host: str) -> str:
    """Return a `Host` header's name or address in lower case, without port and brackets; "" where it is none."""
    if not host or any(sign in host for sign in "/@?#\\ "):
        return ""
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def is_local(name: str) -> bool:
    """Return whether a name is an address of a local network, or has no dot and so is none of the internet."""
    try:
        address = ip_address(name)
    except ValueError:
        return "." not in name
    return address.is_private or address.is_loopback or address.is_link_local
