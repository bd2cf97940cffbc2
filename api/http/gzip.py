"""Gzip for large responses of the API and of `/ogc`. Pages and sockets are not compressed here."""

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.live.gzipped import LEVEL

SMALLEST_BYTES = 4096
COMPRESSED = ("/api/", "/ogc")


class GzipResponses:
    """Compresses JSON and tiles; a snapshot of a county shrinks to a tenth. Large ones are compressed in a thread."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._gzip = GZipMiddleware(app, minimum_size=SMALLEST_BYTES, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(COMPRESSED):
            await self.app(scope, receive, send)
            return

        async def send_weakened(message: Message) -> None:
            if message["type"] == "http.response.start":
                weaken_etag(MutableHeaders(scope=message))
            await send(message)

        await self._gzip(scope, receive, send_weakened)


def weaken_etag(headers: MutableHeaders) -> None:
    """Mark the `ETag` of a compressed response as weak: its bytes are not those of the uncompressed one."""
    etag = headers.get("etag", "")
    if "content-encoding" in headers and etag.startswith('"'):
        headers["etag"] = f"W/{etag}"
