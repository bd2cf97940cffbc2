"""Refusals of files that basemaps are built from."""

from typing import ClassVar

from geo.errors import MaplebridgeError


class BasemapRefused(MaplebridgeError):
    """No basemap was built; the one in use stays. `params`: `reason`, a code, and what it is about."""

    code: ClassVar[str] = "basemap.refused"
