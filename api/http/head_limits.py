"""Limits of a request's address and headers in bytes. They are read before anybody has signed in, and parsed again and
again: a query of 60,000 letters may be 30,000 parameters.
"""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.errors import problem, status_of
from geo.errors import ErrorKind, MaplebridgeError

ADDRESS_BYTES = 8 * 1024
HEADER_BYTES = 32 * 1024
MOST_HEADERS = 200


class AddressTooLong(MaplebridgeError):
    """Path and query are too long. `params`: `limit` in bytes."""

    code = "address.too_long"
    kind = ErrorKind.ADDRESS_TOO_LONG


class HeadersTooLarge(MaplebridgeError):
    """The headers are too long or too many. `params`: `limit` in bytes, and `headers`, their number."""

    code = "headers.too_large"
    kind = ErrorKind.HEADERS_TOO_LARGE


class HeadLimit:
    """Refuses requests and handshakes with a long address or many headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self.app(scope, receive, send)
            return
        answer = problem(HTTPConnection(scope), status=status_of(refusal), code=refusal.code, params=refusal.params)
        await answer(scope, receive, send)


def _refusal(scope: Scope) -> MaplebridgeError | None:
    address = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
    if address > ADDRESS_BYTES:
        return AddressTooLong(limit=ADDRESS_BYTES)
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > HEADER_BYTES:
        return HeadersTooLarge(limit=HEADER_BYTES, headers=MOST_HEADERS)
    return None
