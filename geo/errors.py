"""The root of every error that Maplebridge raises on purpose."""

from typing import Any, ClassVar


class MaplebridgeError(Exception):
    """A refusal with a stable `code` and JSON-ready `params`, and no prose: the client translates codes.

    Rooms subclass it beside the rule that refuses; `api/http/errors.py` alone maps classes to HTTP status.
    """

    code: ClassVar[str] = "error"

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params = params


class NotFound(MaplebridgeError):
    """No such thing within the actor's reach. Whether it exists elsewhere is not told."""

    code = "not_found"


class Stale(MaplebridgeError):
    """The caller decided on an older version of the thing. `params`: `version`, the one that holds now."""

    code = "version.stale"


class BadCursor(MaplebridgeError):
    """A cursor that no list gave out."""

    code = "cursor.invalid"
