"""A place's record. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely import Point


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """One entry of a list of places: a centre, station or room. WGS-84 degrees; its units are under `properties`."""

    code: str
    kind: str
    name: str
    point: Point
    division_path: str
    properties: Mapping[str, Any] = field(default_factory=dict)
