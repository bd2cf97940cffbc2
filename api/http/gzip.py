"""Gzip for large JSON responses. Tiles, pages and sockets are not compressed here."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api.live.gzipped import LEVEL

SMALLEST_BYTES = 4096


class GzipResponses:
    """Compresses JSON under `/api`; a snapshot of a county shrinks to a tenth."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._gzip = GZipMiddleware(app, minimum_size=SMALLEST_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        compresses = scope["type"] == "http" and scope["path"].startswith("/api/")
        await (self._gzip if compresses else self.app)(scope, receive, send)
