"""Frames that are written beside ASGI: the same bytes as the encoder's, and only while the network takes them."""

import asyncio
import tomllib
from importlib import metadata
from inspect import signature

import pytest
from packaging.requirements import Requirement
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from api.live.transport import DirectProtocol, frame_header
from tests.shared import CHECKOUT


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_a_frame_header_matches_the_encoders(size: int) -> None:
    payload = b"x" * size
    assert frame_header(size) + payload == Frame(Opcode.TEXT, payload).serialize(mask=False)


def test_uvicorn_is_pinned_to_the_releases_whose_private_parts_are_known() -> None:
    """Mend it: read what changed in uvicorn, then `api/live/transport.py`, then move the pin in pyproject.toml."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf8"))["project"]
    pins = [each for each in map(Requirement, project["dependencies"]) if each.name == "uvicorn"]
    assert [str(each.specifier) for each in pins] == ["<0.55,>=0.54"]
    assert pins[0].specifier.contains(metadata.version("uvicorn"))


def test_uvicorn_has_the_private_methods_that_our_protocols_extend(protocol: DirectProtocol) -> None:
    assert list(signature(H11Protocol._unset_keepalive_if_required).parameters) == ["self"]
    for name, parameters in {
        "handle_connect": ["self", "event"],
        "run_asgi": ["self"],
        "keepalive_timeout": ["self"],
    }.items():
        assert list(signature(getattr(WebSocketsSansIOProtocol, name)).parameters) == parameters, name
    assert (protocol.handshake_initiated, protocol.close_sent) == (False, False)
    assert protocol.writable.is_set() and isinstance(protocol.transport, Wire)


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
    assert protocol.write_text(b"{}")
    assert protocol.transport.written == b"\x81\x02{}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("obstacle", ["full", "closing", "close sent"])
async def test_nothing_is_written_when_the_write_would_wait(protocol: DirectProtocol, obstacle: str) -> None:
    if obstacle == "full":
        protocol.pause_writing()
    elif obstacle == "closing":
        protocol.transport.close()
    else:
        protocol.close_sent = True
    assert not protocol.write_text(b"{}")
    assert protocol.transport.written == b""  # type: ignore[attr-defined]
