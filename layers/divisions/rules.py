"""What a division's line must say of itself. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import shapely
from shapely import MultiPolygon, Point

from geo.plane import Plane


@dataclass(frozen=True, slots=True)
class NewDivision:
    """A line from its first day on. `path` joins the codes from the root; WGS-84 degrees."""

    code: str
    level: str
    name: str
    path: str
    valid_from: date
    geometry: MultiPolygon
    generated: bool = False
    source: str = ""
    households: int | None = None
    enterprises: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parent_code(self) -> str | None:
        """The code above it on its path; the root has none."""
        above, _, _ = self.path.rpartition(".")
        return above.rpartition(".")[2] or None

    @property
    def label_point(self) -> Point:
        """Where to write its name: a point inside, whatever its shape."""
        return shapely.point_on_surface(self.geometry)

    @property
    def area_m2(self) -> float:
        return Plane.at(self.geometry).area_m2(self.geometry)
