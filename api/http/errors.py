"""Responses to errors: the status of each kind of error, and RFC 9457 problem documents."""

import errno
from collections.abc import Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from uvicorn.protocols.utils import ClientDisconnected

from api.http.cross_origin import add_cross_origin
from api.http.headers import add_headers
from geo.errors import ErrorKind, MaplebridgeError
from geo.store import DatabaseUnavailable, is_cancelled, is_disk_full
from layers.features import BadFilter

log = structlog.get_logger()


class NotSignedIn(MaplebridgeError):
    """No session, or an ended one."""

    code = "session.missing"
    kind = ErrorKind.NOT_SIGNED_IN


class ForeignOrigin(MaplebridgeError):
    """The request comes from a page of another origin."""

    code = "origin.foreign"
    kind = ErrorKind.FORBIDDEN


class Invalid(MaplebridgeError):
    """The body, path or query is wrong. `errors`: list of {field, code, …}."""

    code = "invalid"
    kind = ErrorKind.INVALID


class KeyReused(MaplebridgeError):
    """The `Idempotency-Key` has been used for another request."""

    code = "idempotency.mismatch"
    kind = ErrorKind.INVALID


class TooLarge(MaplebridgeError):
    """The body is larger than the route accepts. `params`: `limit` in bytes, or `lines`."""

    code = "body.too_large"
    kind = ErrorKind.TOO_LARGE


class TooSlow(MaplebridgeError):
    """The body did not arrive in time."""

    code = "body.too_slow"
    kind = ErrorKind.TOO_SLOW


STATUS = MappingProxyType(
    {
        ErrorKind.UNREADABLE: 400,
        ErrorKind.NOT_SIGNED_IN: 401,
        ErrorKind.FORBIDDEN: 403,
        ErrorKind.NOT_FOUND: 404,
        ErrorKind.TOO_SLOW: 408,
        ErrorKind.CONFLICT: 409,
        ErrorKind.STALE: 412,
        ErrorKind.TOO_LARGE: 413,
        ErrorKind.ADDRESS_TOO_LONG: 414,
        ErrorKind.UNSUPPORTED: 415,
        ErrorKind.MISDIRECTED: 421,
        ErrorKind.INVALID: 422,
        ErrorKind.TOO_MANY: 429,
        ErrorKind.HEADERS_TOO_LARGE: 431,
        ErrorKind.UPSTREAM: 502,
        ErrorKind.UNAVAILABLE: 503,
        ErrorKind.UPSTREAM_SLOW: 504,
    }
)
"""The status of each kind of error. An error without a kind is an internal error."""
FAULT = 500

RETRY_SECONDS = 1
FULL_CODE = "database.full"
DISK_CODE = "disk.full"
SLOW_CODE = "database.too_slow"
FULL_RETRY_SECONDS = 30

HTTP_CODES = {400: "body.unreadable", 404: "not_found", 405: "method_not_allowed"}
"""Codes of the framework's own refusals; its 400 is a body that is no JSON in UTF-8."""
PROBLEM = "application/problem+json"

MOST_LISTED = 50
LONGEST_TEXT = 200
"""A problem lists so many errors and repeats so many characters of a name, whatever it was sent."""


def status_of(error: MaplebridgeError) -> int:
    """Return the HTTP status of an error, by its kind."""
    return FAULT if error.kind is None else STATUS[error.kind]


def problem(
    request: HTTPConnection, *, status: int, code: str, params: Mapping[str, Any] | None = None, headers: Any = None
) -> JSONResponse:
    """Build an RFC 9457 problem document. It has codes, which the client translates."""
    body = {
        "type": f"urn:maplebridge:error:{code}",
        "title": code,
        "status": status,
        "code": code,
        "params": bounded_params(params or {}),
        "request_id": getattr(request.state, "request_id", None),
    }
    return JSONResponse(body, status_code=status, media_type=PROBLEM, headers=headers)


def bounded_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Shorten what a problem says. `more` counts the errors that are left out."""
    found: dict[str, Any] = _bounded(params)
    left_out = len(params.get("errors", ())) - MOST_LISTED
    return {**found, "more": left_out} if left_out > 0 else found


def _bounded(value: Any) -> Any:
    match value:
        case str():
            return value[:LONGEST_TEXT]
        case {"type": str(), "coordinates": _}:  # A place on the map is shown whole.
            return value
        case Mapping():
            return {_bounded(name): _bounded(each) for name, each in islice(value.items(), MOST_LISTED)}
        case list() | tuple() | set() | frozenset():
            return [_bounded(each) for each in islice(value, MOST_LISTED)]
        case _:
            return value


async def on_refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MaplebridgeError)
    is_retried = isinstance(error, DatabaseUnavailable) or error.kind is ErrorKind.TOO_MANY
    headers = {"Retry-After": str(error.params.get("seconds", RETRY_SECONDS))} if is_retried else None
    return problem(request, status=status_of(error), code=error.code, params=error.params, headers=headers)


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Return field errors without the values, which may be personal."""
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": ".".join(str(part) for part in e["loc"] if part not in ("body", "query", "path")), "code": e["type"]}
        for e in error.errors()
    ]
    if request.url.path.startswith("/ogc") and all(e["loc"][0] == "query" for e in error.errors()):
        return await on_refusal(request, BadFilter(parameter=errors[0]["field"], fault=errors[0]["code"]))
    return problem(request, status=422, code=Invalid.code, params={"errors": errors})


async def on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = HTTP_CODES.get(error.status_code, f"http.{error.status_code}")
    return problem(request, status=error.status_code, code=code, headers=error.headers)


async def on_client_gone(request: Request, error: Exception) -> JSONResponse:
    """Close a request whose client has left before the end of its body. Only the log sees the status."""
    return problem(request, status=400, code=HTTP_CODES[400])


async def on_fault(request: Request, error: Exception) -> JSONResponse:
    """Return 500 without details. Starlette handles internal errors outside all middleware, so the headers are added
    here.
    """
    answer, settings = _fault(request, error), request.app.state.services.settings
    request_id = getattr(request.state, "request_id", "")
    add_headers(answer.headers, path=request.url.path, request_id=request_id, is_behind_tls=settings.is_behind_tls)
    add_cross_origin(answer.headers, origin=request.headers.get("origin"), origins=settings.public_origins)
    return answer


def _fault(request: Request, error: Exception) -> JSONResponse:
    log.error("fault", request_id=getattr(request.state, "request_id", ""), exc_info=error)
    return problem(request, status=500, code="fault")


async def on_database_unavailable(request: Request, error: Exception) -> JSONResponse:
    """Return 503 while the database restarts or is full, or all connections are in use, and for a statement that took
    too long. A retry may succeed.

    Errors reported by the database are logged with a stack trace; timeouts and lost connections without one.
    """
    if is_disk_full(error):
        log.error(FULL_CODE)
        return await _database_full(request)
    if is_cancelled(error):
        log.error(SLOW_CODE)
        return problem(request, status=503, code=SLOW_CODE, headers={"Retry-After": str(FULL_RETRY_SECONDS)})
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    log.error(DatabaseUnavailable.code, exc_info=error if state else None, fault=type(error).__name__)
    return problem(request, status=503, code=DatabaseUnavailable.code, headers={"Retry-After": str(RETRY_SECONDS)})


async def on_system_fault(request: Request, error: Exception) -> JSONResponse:
    """Return 503 for a full disk of the server, and 500 for other errors of the operating system.

    A disconnected client is re-raised for the server to handle, since there is no one to respond to.
    """
    if isinstance(error, ClientDisconnected):
        raise error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        log.error(DISK_CODE)
        return problem(request, status=503, code=DISK_CODE, headers={"Retry-After": str(FULL_RETRY_SECONDS)})
    return _fault(request, error)


async def _database_full(request: Request) -> JSONResponse:
    request.app.state.services.live.space.report_full()
    return problem(request, status=503, code=FULL_CODE, headers={"Retry-After": str(FULL_RETRY_SECONDS)})


def install(app: FastAPI) -> None:
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(away, on_database_unavailable)
    app.add_exception_handler(OSError, on_system_fault)
    app.add_exception_handler(ClientDisconnect, on_client_gone)
    app.add_exception_handler(MaplebridgeError, on_refusal)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_fault)
