"""Convert shapes from metres back to degrees without changing a vertex that did not move."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage.repair.faces import Floats, Shapes
from geo.plane import Plane


@dataclass(frozen=True, slots=True)
class KnownVertices:
    """Vertices as they were given (`degrees`, n × 2), sorted by where they are on the plane (`metres`)."""

    plane: Plane
    degrees: Floats
    metres: NDArray[np.complex128]

    @classmethod
    def of(cls, shapes: Shapes, plane: Plane) -> Self:
        """Collect the vertices of shapes (degrees)."""
        degrees = shapely.get_coordinates(shapes)
        flat = plane.to_metres(degrees)
        metres = flat[:, 0] + 1j * flat[:, 1]
        order = np.argsort(metres)
        return cls(plane, degrees[order], metres[order])

    def in_degrees(self, shapes: Shapes) -> Shapes:
        """Convert shapes to degrees; a vertex that was there before gets the very degrees it had."""

        def back(vertices: Floats) -> Floats:
            wanted = vertices[:, 0] + 1j * vertices[:, 1]
            at = np.minimum(np.searchsorted(self.metres, wanted), len(self.metres) - 1)
            return np.where((self.metres[at] == wanted)[:, None], self.degrees[at], self.plane.to_degrees(vertices))

        made: Shapes = shapely.transform(shapes, back)
        return made
