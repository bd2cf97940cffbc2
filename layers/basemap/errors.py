"""Refusals of files that basemaps are built from, and faults of servers that raster tiles come from."""

from typing import ClassVar

from geo.errors import ErrorKind, MaplebridgeError


class BasemapRefused(MaplebridgeError):
    """No basemap was built; the one in use stays. `params`: `reason`, a code, and what it is about."""

    code: ClassVar[str] = "basemap.refused"


class RasterFailed(MaplebridgeError):
    """The server that raster tiles come from gave none. `params`: `reason`, a code, and `status` where it is that.

    Never its address, which holds the key.
    """

    code = "raster.failed"
    kind = ErrorKind.UPSTREAM


class RasterTooSlow(MaplebridgeError):
    """The server that raster tiles come from did not answer in time. `params`: `limit` in seconds."""

    code = "raster.too_slow"
    kind = ErrorKind.UPSTREAM_SLOW
