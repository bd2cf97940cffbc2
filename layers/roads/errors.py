"""Faults of road engines, and refusals of files that roads are built from."""

from typing import ClassVar

from geo.errors import MaplebridgeError


class EngineFault(MaplebridgeError):
    """A road engine did not answer. `params`: `fault`."""

    code: ClassVar[str] = "roads.engine"


class NoWayKnown(MaplebridgeError):
    """The engine knows no way between two places, or no road near one of them."""

    code: ClassVar[str] = "roads.no_way"


class RoadsRefused(MaplebridgeError):
    """No graph was built; the one in use stays. `params`: `reason`, a code, and what it is about."""

    code: ClassVar[str] = "roads.refused"
