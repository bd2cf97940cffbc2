"""What every request passes: an id, a limit to its body, headers that bind the browser, a line in the log.

Plain ASGI, so that streams and sockets pass through untouched.
"""

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import TooLarge, problem, status_of
from api.http.headers import add_headers
from api.http.sign_in.sessions import SAFE_METHODS
from api.metrics import REQUESTS
from api.services import Services
from console.access.rules import PROGRAM_ROLES

log = structlog.get_logger()

UNREADABLE = (400, 413, 422)
"""What is answered to what nobody can make sense of."""

METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"}
"""Any word may stand in a method's place. One that is none is neither told nor counted by itself: there is no end of
them, and a metric is kept for each."""

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestShell:
    """Gives a request its id, its answer the headers, the log a line, and the metrics a measurement."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_id_of(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        began, answered = perf_counter(), [500]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered[0] = message["status"]
                add_headers(MutableHeaders(scope=message), path=scope["path"], request_id=request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                _note(scope, status=answered[0], seconds=perf_counter() - began)
                _tally(scope, status=answered[0])


class BodyLimit:
    """Refuses bodies of more than `most` bytes with 413, also when nobody said beforehand how long they are."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if _announced(Headers(scope=scope)) > self.most:
            await self._refuse(scope, receive, send)
            return
        await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes. Past the limit the reader gets an exception, and whatever is made of it becomes a 413."""
        seen = 0
        started = refused = False

        async def receive_counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most:
                raise TooLarge(limit=self.most)
            return message

        async def send_checked(message: Message) -> None:
            nonlocal started, refused
            if refused:
                return
            if seen > self.most and not started:
                refused = True
                await self._refuse(scope, receive, send)
                return
            started = True
            await send(message)

        await self.app(scope, receive_counted, send_checked)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = TooLarge(limit=self.most)
        answer = problem(Request(scope), status=status_of(error), code=error.code, params=error.params)
        await answer(scope, receive, send)


def request_id_of(headers: Headers) -> str:
    """The caller's `X-Request-Id` if it is harmless, else a new one."""
    given = headers.get("x-request-id", "")
    return given if SANE_ID.fullmatch(given) else uuid4().hex


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _tally(scope: Scope, *, status: int) -> None:
    """Count what a program sent: the lines or fixes of a batch, which its route tells, or else the one request."""
    actor, services = scope["state"].get("actor"), scope["app"].state.services
    if actor is None or actor.role not in PROGRAM_ROLES:
        return
    assert isinstance(services, Services)
    wrong = int(status in UNREADABLE)
    right = int(status < 300 and scope["method"] not in SAFE_METHODS)
    taken, refused = scope["state"].get("tally", (right, wrong))
    services.live.senders.tell(actor.username, taken=taken, refused=refused)


def _note(scope: Scope, *, status: int, seconds: float) -> None:
    """Log and measure under the route's template: a raw path or a query may name somebody."""
    route = getattr(scope.get("route"), "path", "unmatched")
    method = scope["method"] if scope["method"] in METHODS else "other"
    actor = scope["state"].get("actor")
    REQUESTS.labels(method, route, status).observe(seconds)
    log.info(
        "request",
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        user=actor.user_id if actor else None,
    )
