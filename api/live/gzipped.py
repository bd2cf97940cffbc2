"""JSON compressed once for many callers."""

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
        """Return the form that the caller accepts. The middleware does not compress it again."""
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.plain, media_type="application/json")
        headers = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(self.gzipped, media_type="application/json", headers=headers)


async def compress(plain: bytes) -> GzippedJson:
    """Compress in a thread, since a county's snapshot would block the sockets."""
    return GzippedJson(plain, await asyncio.to_thread(gzip.compress, plain, LEVEL))
