"""ASGI middleware for every request: request id, framing, headers, log line and metrics.

Plain ASGI, so that streams and sockets pass through untouched.
"""

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.headers import add_headers
from api.http.sign_in.sessions import SAFE_METHODS
from api.metrics import REQUESTS
from api.services import Services
from console.access.rules import PROGRAM_ROLES

log = structlog.get_logger()

UNREADABLE = (400, 413, 422)
"""Statuses of unreadable requests, counted against the program that sent them."""

METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"}
"""Methods that have a metric of their own. A client may send any word as a method; others are counted together, since
each label keeps a metric for ever.
"""

SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestShell:
    """Sets the request id, adds headers to the response, writes a log line and measures the duration."""

    def __init__(self, app: ASGIApp, *, is_behind_tls: bool) -> None:
        self.app, self.is_behind_tls = app, is_behind_tls

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
                headers = MutableHeaders(scope=message)
                add_headers(headers, path=scope["path"], request_id=request_id, is_behind_tls=self.is_behind_tls)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            finally:
                _log_request(scope, status=answered[0], seconds=perf_counter() - began)
                _count_sent(scope, status=answered[0])


def request_id_of(headers: Headers) -> str:
    """Return the caller's `X-Request-Id` if it is harmless, else a new one."""
    given = headers.get("x-request-id", "")
    return given if SAFE_ID.fullmatch(given) else uuid4().hex


def _count_sent(scope: Scope, *, status: int) -> None:
    """Count what a program sent: the lines or fixes of a batch, as its route counted them, else one request."""
    actor, services = scope["state"].get("actor"), scope["app"].state.services
    if actor is None or actor.role not in PROGRAM_ROLES:
        return
    assert isinstance(services, Services)
    wrong = int(status in UNREADABLE)
    right = int(status < 300 and scope["method"] not in SAFE_METHODS)
    taken, refused = scope["state"].get("tally", (right, wrong))
    services.live.senders.record(actor.username, taken=taken, refused=refused)


def _log_request(scope: Scope, *, status: int, seconds: float) -> None:
    """Log and measure under the route's template, since a raw path or query may hold a person's name."""
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
