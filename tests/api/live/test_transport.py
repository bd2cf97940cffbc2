"""Frames that are written beside ASGI: the same bytes as the encoder's, and only while the network takes them."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from api.live.transport import DirectProtocol, head_of


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_a_head_is_what_the_encoder_writes(size: int) -> None:
    payload = b"x" * size
    assert head_of(size) + payload == Frame(Opcode.TEXT, payload).serialize(mask=False)


class Wire(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """No application."""


@pytest.fixture
async def protocol() -> DirectProtocol:
    config = Config(nowhere, ws_per_message_deflate=False, log_config=None)
    config.load()
    protocol = DirectProtocol(config, ServerState(), {})
    protocol.connection_made(Wire())
    return protocol


async def test_a_frame_is_written_at_once(protocol: DirectProtocol) -> None:
    assert protocol.post(b"{}")
    assert protocol.transport.written == b"\x81\x02{}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("obstacle", ["full", "closing", "close sent"])
async def test_nothing_is_written_where_it_would_have_to_wait(protocol: DirectProtocol, obstacle: str) -> None:
    if obstacle == "full":
        protocol.pause_writing()
    elif obstacle == "closing":
        protocol.transport.close()
    else:
        protocol.close_sent = True
    assert not protocol.post(b"{}")
    assert protocol.transport.written == b""  # type: ignore[attr-defined]
