"""Limits of request bodies in bytes, by sort of route. A route names its limit in its decorator, as `max_body_size`."""

import asyncio

from starlette.datastructures import Headers
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import PROBLEM, STATUS, TooLarge, TooSlow, problem, status_of
from geo.errors import ErrorKind, MaplebridgeError

SIGN_IN_BYTES = 4 * 1024
"""Read before anybody has signed in: a name and a password. Also the limit of a route that names none."""

STEP_BYTES = 32 * 1024
"""A step or an edit: a note of 2,000 characters, all of them escaped."""

FIX_BYTES = 16 * 1024
"""One position of a phone, with whatever else its app sends along."""

REPORT_BYTES = 64 * 1024
"""A report or an edit with a description of 4,000 characters, as a line of a batch may have."""

DRAWING_BYTES = 1024 * 1024
"""An operation on lines: 20,000 codes, or a ring or line of 5,000 places."""

FIXES_BYTES = 4 * 1024 * 1024
"""10,000 fixes as JSON, which is parsed as a whole."""

BATCH_BYTES = 20_000_000
"""A batch of reports, which is parsed line by line. `MAPLEBRIDGE_MAX_BODY_BYTES` may lower it."""

BODY_SECONDS = 20.0
SLOWEST_BYTES_PER_SECOND = 500
"""A body may take so long, and a second more for so many bytes: a phone on a poor line sends its queue, a client that
drips gets 408.
"""

TOO_LARGE = STATUS[ErrorKind.TOO_LARGE]
LONGEST_LENGTH = 20
"""Digits of a `Content-Length`; more are no number of bytes."""


def limit_of(scope: Scope, *, most: int) -> int:
    """Return the bytes that a request's route reads, known once it was found. Starlette holds it to its limit, too."""
    return min(most, int(scope.get(MAX_BODY_SIZE_SCOPE_KEY, SIGN_IN_BYTES)))


class BodyLimit:
    """Bounds every request's body to `most` bytes and to a time, and answers the routes' own limits as problems."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        bounded = _BoundedBody(scope, receive, send, most=self.most)
        await self.app(scope, bounded.receive, bounded.send)


class _BoundedBody:
    """The body of one request. Past a limit the reader gets an exception, and any response to it tells the limit.

    Nothing is read before the route asks, so that a request which is refused for another reason costs nothing.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, most: int) -> None:
        self._scope, self._receive, self._send, self._most = scope, receive, send, most
        self._seen = 0
        self._is_complete = False
        self._began: float | None = None
        self._failure: MaplebridgeError | None = None
        self._is_replaced = False

    async def receive(self) -> Message:
        """Return the next part. Raises `TooLarge` and `TooSlow`."""
        if _announced(Headers(scope=self._scope)) > self._limit:
            raise self._fail(TooLarge(limit=self._limit))
        message = await self._next()
        self._seen += len(message.get("body", b""))
        self._is_complete = not message.get("more_body", False)
        if self._seen > self._limit:
            raise self._fail(TooLarge(limit=self._limit))
        return message

    @property
    def _limit(self) -> int:
        return limit_of(self._scope, most=self._most)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and (failure := self._failure_of(message)):
            self._is_replaced = True
            await _problem_of(failure, self._scope)(self._scope, self._receive, self._send)
        elif not self._is_replaced:
            await self._send(message)

    async def _next(self) -> Message:
        if self._is_complete:
            return await self._receive()  # Waits for the client to leave, as long as the response takes.
        now = asyncio.get_running_loop().time()
        self._began = self._began or now
        until = self._began + BODY_SECONDS + self._seen / SLOWEST_BYTES_PER_SECOND
        try:
            async with asyncio.timeout(until - now):
                return await self._receive()
        except TimeoutError:
            raise self._fail(TooSlow()) from None

    def _fail(self, failure: MaplebridgeError) -> MaplebridgeError:
        self._failure = failure
        return failure

    def _failure_of(self, start: Message) -> MaplebridgeError | None:
        """Return why the body was refused: our own limit, or the route's, which Starlette answers as plain text."""
        if self._failure is not None or start["status"] != TOO_LARGE or _is_problem(start):
            return self._failure
        return TooLarge(limit=self._limit)


def _is_problem(start: Message) -> bool:
    return Headers(raw=list(start["headers"])).get("content-type", "").startswith(PROBLEM)


def _problem_of(failure: MaplebridgeError, scope: Scope) -> Response:
    status = status_of(failure)
    headers = {"Connection": "close"} if isinstance(failure, TooSlow) else None
    return problem(Request(scope), status=status, code=failure.code, params=failure.params, headers=headers)


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < LONGEST_LENGTH else 0
