"""Frames that are written beside ASGI: the same bytes as the encoder's, and only while the network takes them."""

import asyncio
import tomllib
from collections.abc import Iterator
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

from api.live import transport
from api.live.transport import CROWD, DirectProtocol, HttpProtocol, frame_header
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
    assert list(signature(H11Protocol.handle_websocket_upgrade).parameters) == ["self", "event"]
    for name, parameters in {
        "data_received": ["self", "data"],
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
        self.aborted = asyncio.Event()
        self.unsent = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = True
        self.aborted.set()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Both protocols are in the test's hands."""

    def pause_reading(self) -> None:
        """Nothing to pause."""

    def resume_reading(self) -> None:
        """Nothing was paused."""

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("10.0.0.1", 1) if name == "peername" else default


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


SHAKEN = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"GET /api/live?since=" + b"x" * 10_000 + b" HTTP/1.1\r\n" + SHAKEN + b"\r\n", b"HTTP/1.1 414"),
        (b"GET /api/live HTTP/1.1\r\n" + SHAKEN + b"X: y\r\n" * 200 + b"\r\n", b"HTTP/1.1 431"),
        (b"POST /api/live HTTP/1.1\r\n" + SHAKEN + b"\r\n", b""),
    ],
)
async def test_a_handshake_that_cannot_be_read_is_not_held(
    protocol: DirectProtocol, sent: bytes, answer: bytes
) -> None:
    wire = protocol.transport
    assert isinstance(wire, Wire)
    protocol.data_received(sent)
    assert wire.written.startswith(answer) and wire.is_closed


BEGUN = b"POST /api/session HTTP/1.1\r\nHost: here\r\n"
WHOLE = BEGUN + b"Content-Length: 5\r\n\r\nhello"
UNFINISHED = BEGUN + b"Content-Length: 18000000\r\n\r\n{"


async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond without reading."""
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def connect_to_server(app: object = refuses) -> tuple[HttpProtocol, Wire]:
    config = Config(app, log_config=None)  # type: ignore[arg-type]
    config.load()
    http, wire = HttpProtocol(config, ServerState(), {}), Wire()
    http.connection_made(wire)
    return http, wire


async def answered(wire: Wire) -> None:
    while b"413" not in wire.written:  # noqa: ASYNC110
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def nobody_waits() -> Iterator[None]:
    yield
    CROWD._by_address.clear()


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEADER_SECONDS", "LINGER_SECONDS", "READ_SECONDS"):
        monkeypatch.setattr(transport, name, 0.0)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("sent", [b"", b"P", BEGUN], ids=["nothing", "a letter", "half of the headers"])
async def test_a_client_that_sends_half_a_request_is_cut_off(sent: bytes) -> None:
    http, wire = connect_to_server()
    if sent:
        http.data_received(sent)
    await wire.aborted.wait()
    http.connection_lost(None)
    assert len(CROWD) == 0


@pytest.mark.usefixtures("hurry")
async def test_the_second_request_on_a_connection_has_a_time_limit_too() -> None:
    http, wire = connect_to_server()
    http.data_received(WHOLE)
    await answered(wire)
    assert not wire.aborted.is_set(), "idle, and may be so"
    http.data_received(b"G")
    await wire.aborted.wait()


@pytest.mark.usefixtures("hurry")
async def test_the_rest_of_a_refused_body_is_read_for_a_moment_only() -> None:
    http, wire = connect_to_server()
    http.data_received(UNFINISHED)
    await answered(wire)
    assert not wire.is_closed, "the client may still read the refusal"
    await wire.aborted.wait()


async def test_dripping_does_not_start_the_limit_anew_and_a_whole_request_ends_it() -> None:
    http, wire = connect_to_server()
    first = http._waiting
    for byte in BEGUN:
        http.data_received(bytes([byte]))
    assert http._waiting is first and first is not None and not first.cancelled()
    http.data_received(b"\r\n")
    assert first.cancelled() and http._waiting is None and len(CROWD) == 0
    await answered(wire)


async def test_a_request_that_is_being_answered_has_no_limit() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    http, _ = connect_to_server(slow)
    http.data_received(UNFINISHED)
    assert http._waiting is None
    for task in http.tasks:
        task.cancel()


@pytest.mark.usefixtures("hurry")
async def test_a_client_that_does_not_read_its_response_is_cut_off() -> None:
    http, wire = connect_to_server()
    wire.unsent = 1000
    http.pause_writing()
    await wire.aborted.wait()


async def test_a_client_that_reads_its_response_slowly_is_not_cut_off_until_it_stops() -> None:
    http, wire = connect_to_server()
    wire.unsent = 900
    http._check_reading(1000)
    assert not wire.aborted.is_set()
    http._check_reading(900)
    assert wire.aborted.is_set()
    http.resume_writing()


async def test_an_address_with_many_half_sent_requests_loses_those_that_are_not_new(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "MOST_WAITING", 3)
    kept = [connect_to_server() for _ in range(5)]
    assert not any(wire.aborted.is_set() for _, wire in kept), "all are new"
    monkeypatch.setattr(transport, "CROWDED_SECONDS", 0.0)
    kept.append(connect_to_server())
    assert [wire.aborted.is_set() for _, wire in kept] == [True] * 3 + [False] * 3
    for http, _ in kept:
        http.connection_lost(None)
    assert len(CROWD) == 0


UPGRADE = (
    b"GET /api/live HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def test_a_socket_is_bound_by_no_time_limit_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LINGER_SECONDS", 0.0)
    opened, ended = asyncio.Event(), asyncio.Event()

    async def accepts(scope: Scope, receive: Receive, send: Send) -> None:
        """Accept the socket, and keep it."""
        await receive()
        await send({"type": "websocket.accept"})
        opened.set()
        await ended.wait()

    http, wire = connect_to_server(accepts)
    http.data_received(UPGRADE)
    await opened.wait()
    await asyncio.sleep(0.01)
    assert b"101 Switching Protocols" in wire.written
    assert not wire.aborted.is_set() and http._waiting is None and len(CROWD) == 0
    ended.set()
