"""uvicorn's options and protocols for connections and sockets."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from api.live.socket import MOST_MESSAGE_CHARACTERS, OUTLET

HEADER_SECONDS = 15.0
"""From the first byte of a request, or the connection's beginning, to the end of its headers."""

LINGER_SECONDS = 5.0
"""Time to read the rest of a refused body, so that the client reads the refusal; then the connection is cut."""

READ_SECONDS = 30.0
"""A client that reads a response takes some of it in so much time."""

MOST_WAITING, CROWDED_SECONDS = 100, 5.0
"""Above so many half-sent requests of one address, those that are older are cut off."""

SOCKET_LINGER_SECONDS = 2.0
WHOLE_TEXT = 0x81
"""First byte of a frame with a whole text message."""


class HttpProtocol(H11Protocol):
    """uvicorn's protocol, with time limits for what uvicorn waits for without one.

    A client that sends half a request, goes on with a body that was refused, or does not read a response is cut off.
    The keep-alive timer is dropped when a connection is reset.
    """

    _waiting: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._limit_wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._limit_wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._limit_wait()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._upgraded = True
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._stop_waiting()
        if self._reading is not None:
            self._reading.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._expect_reading(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reading is not None:
            self._reading.cancel()

    def _limit_wait(self) -> None:
        """Start the timer of what the client has begun and not completed. More bytes do not start it anew."""
        seconds = self._seconds_to_wait()
        if seconds is None or self.transport.is_closing():
            self._stop_waiting()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(seconds, self.transport.abort)
            CROWD.enter(self)

    def _seconds_to_wait(self) -> float | None:
        """Return how long the client may take; None while it is the server's turn, the connection idle, or a socket."""
        if self._upgraded:
            return None
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            return None
        if self.conn.their_state is h11.IDLE:
            return HEADER_SECONDS if cycle is None or self.conn.trailing_data[0] else None
        return LINGER_SECONDS if self.conn.their_state is h11.SEND_BODY else None

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
            CROWD.leave(self)

    def _expect_reading(self, unsent: int) -> None:
        """Cut the client off unless it has read some of the response by then."""
        self._reading = self.loop.call_later(READ_SECONDS, self._check_reading, unsent)

    def _check_reading(self, before: int) -> None:
        unsent = self.transport.get_write_buffer_size()
        if unsent >= before:
            self.transport.abort()
        else:
            self._expect_reading(unsent)


class Crowd:
    """Connections that have begun something, by address. When one address has many, its oldest have less time."""

    def __init__(self) -> None:
        self._by_address: dict[str, dict[HttpProtocol, float]] = {}

    def enter(self, connection: HttpProtocol) -> None:
        """Add a connection; cut off those of its address that are too many and not new."""
        mine = self._by_address.setdefault(_address_of(connection), {})
        now = connection.loop.time()
        mine[connection] = now
        while len(mine) > MOST_WAITING:
            oldest, since = next(iter(mine.items()))
            if now - since < CROWDED_SECONDS:
                return
            del mine[oldest]
            oldest.transport.abort()

    def leave(self, connection: HttpProtocol) -> None:
        address = _address_of(connection)
        mine = self._by_address.get(address, {})
        mine.pop(connection, None)
        if not mine:
            self._by_address.pop(address, None)

    def __len__(self) -> int:
        return sum(map(len, self._by_address.values()))


CROWD = Crowd()
"""Of this process."""


def _address_of(connection: HttpProtocol) -> str:
    return connection.client[0] if connection.client else ""


class DirectProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, with direct writes of frames beside ASGI, and a time limit for clients that do not read.

    A message through ASGI passes a task, an application, and an encoder for each socket: 15 times the cost of the write
    itself. The outlet, an extension of the ASGI scope, writes one encoded frame for all sockets.
    uvicorn keeps a connection whose handshake cannot be read, without an answer; here it is answered and closed.
    uvicorn waits without limit for a client that does not read, too. Once the application has finished with a socket,
    or its client answers no ping, unsent data is dropped after `SOCKET_LINGER_SECONDS`.
    """

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

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
        asyncio.get_running_loop().call_later(SOCKET_LINGER_SECONDS, self.transport.abort)


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
    "loop": "uvloop",
    "http": HttpProtocol,
    "timeout_keep_alive": IDLE_SECONDS,
    "ws": DirectProtocol,
    "ws_max_size": MOST_MESSAGE_CHARACTERS,
    "ws_per_message_deflate": False,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
}
"""Options for `uvicorn.Config`. Without deflate one encoded frame serves all; incoming messages are short."""
