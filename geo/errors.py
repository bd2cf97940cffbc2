"""Base classes of the errors that Maplebridge raises on purpose."""

from typing import Any, ClassVar


class MaplebridgeError(Exception):
    """A refusal with a stable `code` and JSON-ready `params`; the client translates codes, so there is no prose.

    Features subclass it beside the rule that refuses; `api/http/errors.py` alone maps classes to HTTP status.
    """

    code: ClassVar[str] = "error"

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code, params)
        self.params = params


class NotFound(MaplebridgeError):
    """Nothing of that identity within the actor's reach. Does not reveal whether it exists elsewhere."""

    code = "not_found"


class Stale(MaplebridgeError):
    """The caller changed an older version. `params`: `version`, the current one."""

    code = "version.stale"


class BadCursor(MaplebridgeError):
    """The cursor was not issued by any list."""

    code = "cursor.invalid"
