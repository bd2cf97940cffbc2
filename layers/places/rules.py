"""What a place's entry says. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shapely import Point


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A centre, station or room as a list gives it. WGS-84 degrees; who sits in it stands under `properties`."""

    code: str
    kind: str
    name: str
    point: Point
    division_path: str
    properties: Mapping[str, Any] = field(default_factory=dict)
