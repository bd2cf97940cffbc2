"""Why a photo, recording or paper is not taken."""

from geo.errors import ErrorKind, MaplebridgeError


class MediaUnsupported(MaplebridgeError):
    """The bytes are of no type that is taken for this. `params`: `kind`, and `found`, a media type or None."""

    code = "attachment.type"
    kind = ErrorKind.UNSUPPORTED


class MediaUnreadable(MaplebridgeError):
    """The file is broken, cut off, or has no sound. `params`: `reason`."""

    code = "attachment.unreadable"
    kind = ErrorKind.INVALID


class MediaTooLarge(MaplebridgeError):
    """More pixels or minutes than are read. `params`: `reason`, and what was found beside `most`."""

    code = "attachment.too_large"
    kind = ErrorKind.TOO_LARGE
