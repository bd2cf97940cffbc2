"""Gzip for the larger answers of the interface. Tiles, pages and sockets are left as they are."""

import asyncio
import gzip
from dataclasses import dataclass

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
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


@dataclass(frozen=True, slots=True)
class Packed:
    """JSON that goes to many, packed once for all of them."""

    plain: bytes
    gzipped: bytes

    def answer(self, request: Request) -> Response:
        """As the caller takes it. The middleware leaves alone what is packed already."""
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.plain, media_type="application/json")
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(self.gzipped, media_type="application/json", headers=headers)


async def pack(plain: bytes) -> Packed:
    """Pack in a thread: a county's snapshot takes longer than a socket should wait."""
    return Packed(plain, await asyncio.to_thread(gzip.compress, plain, LEVEL))
