"""uvicorn's options and protocols for connections and sockets."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from api.live.socket import MOST_MESSAGE_CHARACTERS, OUTLET

LINGER_SECONDS = 2.0
WHOLE_TEXT = 0x81
"""First byte of a frame with a whole text message."""


class HttpProtocol(H11Protocol):
    """uvicorn's protocol, but drops the keep-alive timer when a connection is reset."""

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()


class DirectProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, with direct writes of frames beside ASGI, and a time limit for clients that do not read.

    A message through ASGI passes a task, an application, and an encoder for each socket: 15 times the cost of the write
    itself. The outlet, an extension of the ASGI scope, writes one encoded frame for all sockets.
    uvicorn waits without limit for a client that does not read. Once the application has finished with a socket, or its
    client answers no ping, unsent data is dropped after `LINGER_SECONDS`.
    """

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.handshake_initiated and not self.close_sent:
            self.scope["extensions"][OUTLET] = {"write_text": self.write_text}

    def write_text(self, payload: bytes) -> bool:
        """Write a text message now. Return False, with nothing written, if that is not possible."""
        if not self.writable.is_set() or self.close_sent or self.transport.is_closing():
            return False
        self.transport.write(frame_header(len(payload)) + payload)
        return True

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self._abort_soon()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._abort_soon()

    def _abort_soon(self) -> None:
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self.transport.abort)


def frame_header(size: int) -> bytes:
    """Build the header of an unmasked frame with a whole text of `size` bytes (RFC 6455, 5.2)."""
    if size < 126:
        return bytes((WHOLE_TEXT, size))
    if size < 1 << 16:
        return bytes((WHOLE_TEXT, 126)) + size.to_bytes(2)
    return bytes((WHOLE_TEXT, 127)) + size.to_bytes(8)


IDLE_SECONDS = 150
"""Longer than clients keep idle connections: if the server closed one just as a request arrives, the request would be
lost. Caddy keeps its own for two minutes, nginx for one."""

UVICORN: dict[str, Any] = {
    "http": HttpProtocol,
    "timeout_keep_alive": IDLE_SECONDS,
    "ws": DirectProtocol,
    "ws_max_size": MOST_MESSAGE_CHARACTERS,
    "ws_per_message_deflate": False,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
}
"""Options for `uvicorn.Config`. Without deflate one encoded frame serves all; incoming messages are short."""
