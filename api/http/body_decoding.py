"""ASGI middleware that reads bodies as programs send them: gzip, and text in the encodings that China uses.

It stands outside the body limit, which so counts what a body holds, not what was sent: a small file may unpack to
gigabytes. A body is unpacked and converted piece by piece, as it is read.
"""

import codecs
import zlib
from collections.abc import Callable, Iterator
from email.message import Message as Header

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.body_limits import limit_of
from api.http.errors import TooLarge, problem, status_of
from geo.errors import ErrorKind, MaplebridgeError

PIECE = 1 << 16
GZIP_WINDOW = 31
PACKING_BYTES = 1024
"""By so much, and one in a hundred, gzip may be larger than what it holds."""

MOST_MEMBERS = 1000
"""A gzip file may be several, one after another. Empty ones cost time and hold nothing."""
ENCODINGS = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip"}
CHARSETS = {
    **dict.fromkeys(("", "utf-8", "utf8", "us-ascii"), ""),
    **dict.fromkeys(("gbk", "gb2312", "gb18030", "cp936", "x-gbk"), "gb18030"),
}
TEXT_TYPES = ("application/json", "application/x-ndjson", "application/ndjson", "text/plain")

Convert = Callable[[bytes, bool], Iterator[bytes]]
"""Converts a piece of a body into pieces of a bounded size; the flag is true for the last one."""


class EncodingUnsupported(MaplebridgeError):
    """The `Content-Encoding` is none that the server unpacks. `params`: `encoding`, `supported`."""

    code = "body.encoding"
    kind = ErrorKind.UNSUPPORTED


class CharsetUnsupported(MaplebridgeError):
    """The `charset` of the `Content-Type` is none that the server reads. `params`: `charset`, `supported`."""

    code = "body.charset"
    kind = ErrorKind.UNSUPPORTED


class BodyUnreadable(MaplebridgeError):
    """The body is not what its headers say: broken gzip, or bytes that are no text in its charset."""

    code = "body.unreadable"
    kind = ErrorKind.UNREADABLE


class BodyDecoding:
    """Unpacks and converts the bodies of requests; their headers then tell of plain UTF-8.

    As they are sent, they may have hardly more bytes than their route reads, at most `most`: what is packed need not
    hold anything.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            steps = list(_steps(Headers(scope=scope)))
        except MaplebridgeError as error:
            await _refuse(error, scope, receive, send)
            return
        if not steps:
            await self.app(scope, receive, send)
            return
        scope["headers"] = list(scope["headers"])
        _tell_plain(MutableHeaders(scope=scope))
        body = _Decoded(scope, receive, steps, most=self.most)
        await self.app(scope, body.receive, _checked(body, scope, send))


def _checked(body: "_Decoded", scope: Scope, send: Send) -> Send:
    """Wrap `send`: any response to an unreadable body becomes the refusal."""
    refused = False

    async def send_checked(message: Message) -> None:
        nonlocal refused
        if body.broken is None or body.answered:
            body.answered = True
            await send(message)
        elif not refused:
            refused = True
            await _refuse(body.broken, scope, body.receive, send)

    return send_checked


class _Decoded:
    """A body that is converted as it is received. `broken` is set where it cannot be."""

    def __init__(self, scope: Scope, receive: Receive, steps: list[Convert], *, most: int) -> None:
        self._scope, self._receive, self._steps, self._most, self._received = scope, receive, steps, most, 0
        self._pieces: Iterator[bytes] = iter(())
        self._ended = False
        self.broken: MaplebridgeError | None = None
        self.answered = False

    async def receive(self) -> Message:
        while True:
            try:
                piece = next(self._pieces, None)
            except (zlib.error, UnicodeDecodeError, EOFError):
                self.broken = BodyUnreadable()
                raise self.broken from None
            if piece is not None:
                return {"type": "http.request", "body": piece, "more_body": True}
            if self._ended:
                self._ended = False
                return {"type": "http.request", "body": b"", "more_body": False}
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            self._count(message)
            self._ended = not message.get("more_body", False)
            self._pieces = _run(self._steps, message.get("body", b""), last=self._ended)

    def _count(self, message: Message) -> None:
        """Count what was sent. Raises `TooLarge`."""
        self._received += len(message.get("body", b""))
        limit = limit_of(self._scope, most=self._most)
        if self._received > min(self._most, limit + limit // 100 + PACKING_BYTES):
            self.broken = TooLarge(limit=limit)
            raise self.broken


def _run(steps: list[Convert], piece: bytes, *, last: bool) -> Iterator[bytes]:
    """Run a piece through the steps, lazily: nothing is unpacked before somebody reads it."""
    if not steps:
        if piece:
            yield piece
        return
    first, *others = steps
    for converted in first(piece, last):
        yield from _run(others, converted, last=False)
    if last:
        yield from _run(others, b"", last=True)


def _steps(headers: Headers) -> Iterator[Convert]:
    """Return what must be done to a body with these headers. Raises for what is not supported."""
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in ENCODINGS:
        raise EncodingUnsupported(encoding=encoding[:40], supported=["gzip"])
    if ENCODINGS[encoding]:
        yield _Gunzip()
    media = Header()
    media["content-type"] = headers.get("content-type", "")
    charset = str(media.get_param("charset") or "").strip().lower()
    if media.get_content_type() in TEXT_TYPES:
        if charset not in CHARSETS:
            raise CharsetUnsupported(charset=charset[:40], supported=["utf-8", "gb18030", "gbk", "gb2312"])
        if CHARSETS[charset]:
            yield _ToUtf8(CHARSETS[charset])


class _Gunzip:
    """Unpacks gzip, also of several members, in pieces of a bounded size."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(GZIP_WINDOW)
        self._members = 0

    def __call__(self, piece: bytes, last: bool) -> Iterator[bytes]:
        while piece:
            self._begin()
            yield self._member.decompress(piece, PIECE)
            piece = self._member.unconsumed_tail or self._member.unused_data
        if last and self._members and not self._member.eof:
            raise EOFError

    def _begin(self) -> None:
        """Begin the first member, or the next one after the end of another."""
        if self._members and not self._member.eof:
            return
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise EOFError
        self._member = zlib.decompressobj(GZIP_WINDOW)


class _ToUtf8:
    """Converts text to UTF-8."""

    def __init__(self, charset: str) -> None:
        self._decoder = codecs.getincrementaldecoder(charset)("strict")

    def __call__(self, piece: bytes, last: bool) -> Iterator[bytes]:
        yield self._decoder.decode(piece, last).encode()


def _tell_plain(headers: MutableHeaders) -> None:
    """Remove from the headers what is no longer true of the body."""
    for name in ("content-encoding", "content-length"):
        if name in headers:
            del headers[name]
    if "content-type" in headers:
        headers["content-type"] = headers["content-type"].partition(";")[0]


async def _refuse(error: MaplebridgeError, scope: Scope, receive: Receive, send: Send) -> None:
    answer = problem(Request(scope), status=status_of(error), code=error.code, params=error.params)
    await answer(scope, receive, send)
