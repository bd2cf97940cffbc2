"""JSON that goes to many callers, compressed once for all of them."""

import asyncio
import gzip
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

LEVEL = 4


@dataclass(frozen=True, slots=True)
class GzippedJson:
    """JSON, plain and compressed."""

    plain: bytes
    gzipped: bytes

    def response(self, request: Request) -> Response:
        """The form that the caller accepts. The middleware leaves alone what is compressed already."""
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.plain, media_type="application/json")
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(self.gzipped, media_type="application/json", headers=headers)


async def compress(plain: bytes) -> GzippedJson:
    """Compress in a thread: a county's snapshot takes longer than a socket should wait."""
    return GzippedJson(plain, await asyncio.to_thread(gzip.compress, plain, LEVEL))
