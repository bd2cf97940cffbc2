"""CORS: pages of the origins in `MAPLEBRIDGE_PUBLIC_ORIGINS` may call the server; to all others browsers refuse it."""

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
ASKED = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id")
SHOWN = ("Allow", "ETag", "Idempotency-Repeated", "Location", "Retry-After", "X-Request-Id")
"""Headers of responses that a page of another origin may read."""


class CrossOrigin:
    """Leaves requests of listed origins to Starlette's middleware, and the rest without any CORS header.

    Every response varies by `Origin`, or a browser would hand a page the cached copy that it got without the headers.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self.app, self.origins = app, frozenset(origins)
        self._cors = CORSMiddleware(
            app,
            allow_origins=tuple(origins),
            allow_methods=METHODS,
            allow_headers=ASKED,
            allow_credentials=True,
            expose_headers=SHOWN,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.origins:
            await self.app(scope, receive, send)
        elif Headers(scope=scope).get("origin") in self.origins:
            await self._cors(scope, receive, send)
        else:
            await self.app(scope, receive, _varying(send))


def add_cross_origin(headers: MutableHeaders, *, origin: str | None, origins: Collection[str]) -> None:
    """Add the CORS headers to a response that is made outside the middleware: a listed page can read it, too."""
    if not origins:
        return
    headers.add_vary_header("Origin")
    if origin is not None and origin in origins:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Allow-Credentials"] = "true"
        headers["Access-Control-Expose-Headers"] = ", ".join(SHOWN)


def _varying(send: Send) -> Send:
    async def send_varying(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Origin")
        await send(message)

    return send_varying
