"""How uvicorn is to serve sockets."""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.live.socket import MOST_MESSAGE_CHARACTERS

LINGER_SECONDS = 2.0


class CuttingProtocol(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, which however waits for ever until a client that does not read has read.

    Once the application is done with a socket, or its client answers no ping, what is unsent is dropped in a moment.
    """

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self._cut_soon()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._cut_soon()

    def _cut_soon(self) -> None:
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self.transport.abort)


UVICORN: dict[str, Any] = {
    "ws": CuttingProtocol,
    "ws_max_size": MOST_MESSAGE_CHARACTERS,
    "ws_per_message_deflate": False,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
}
"""Options for `uvicorn.Config`. Without deflate one encoded frame serves all; messages that come in are short."""
