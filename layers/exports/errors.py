"""Why a layer cannot be exported as it was asked for."""

from typing import ClassVar

from geo.errors import ErrorKind, MaplebridgeError


class CannotHold(MaplebridgeError):
    """The format has no room for what stands in a field.

    `params`: `format`, `field`, `limit` (bytes or characters), `rows` (how many), `first` (the first one's number).
    """

    code: ClassVar[str] = "export.cannot_hold"
    kind = ErrorKind.INVALID


class NotDated(MaplebridgeError):
    """A day was named for a layer that keeps no history. `params`: `layer`."""

    code: ClassVar[str] = "export.not_dated"
    kind = ErrorKind.INVALID


class TooDemanding(MaplebridgeError):
    """Writing the file took more memory or time than it may. `params`: `megabytes`, `seconds`."""

    code: ClassVar[str] = "export.too_demanding"
    kind = ErrorKind.INVALID
