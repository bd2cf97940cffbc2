"""Base classes of the errors that Maplebridge raises on purpose."""

from enum import StrEnum
from typing import Any, ClassVar


class ErrorKind(StrEnum):
    """Kinds of errors by the caller's remedy. `api/http` maps each to an HTTP status; other packages know no HTTP."""

    UNREADABLE = "unreadable"
    MISDIRECTED = "misdirected"
    NOT_SIGNED_IN = "not_signed_in"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    STALE = "stale"
    ADDRESS_TOO_LONG = "address_too_long"
    HEADERS_TOO_LARGE = "headers_too_large"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    TOO_MANY = "too_many"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    UPSTREAM = "upstream"
    UPSTREAM_SLOW = "upstream_slow"


class MaplebridgeError(Exception):
    """A refusal with a stable `code` and JSON-ready `params`; the client translates codes, so there is no prose.

    Features subclass it beside the rule that refuses, and set its `kind`. An error without one is not meant for HTTP:
    raised in a route, it is an internal error.
    """

    code: ClassVar[str] = "error"
    kind: ClassVar[ErrorKind | None] = None

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params = params


class NotFound(MaplebridgeError):
    """Nothing of that identity within the actor's reach. Does not reveal whether it exists elsewhere."""

    code = "not_found"
    kind = ErrorKind.NOT_FOUND


class Stale(MaplebridgeError):
    """The caller changed an older version. `params`: `version`, the current one."""

    code = "version.stale"
    kind = ErrorKind.STALE


class BadCursor(MaplebridgeError):
    """The cursor was not issued by any list."""

    code = "cursor.invalid"
    kind = ErrorKind.INVALID
