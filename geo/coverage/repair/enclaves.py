"""Polygons that are drawn over another one which has no hole for them: an enclave, a market within a village."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

INSIDE = 0.99
"""Least part of an enclave's area that lies within the polygon around it: its border may be drawn twice."""
SMALLER = 0.8
"""Most of the area of the polygon around it that an enclave has: above, both are the same one drawn twice."""


@dataclass(frozen=True, slots=True)
class Enclave:
    """Indexes of a polygon and of the one around it that has no hole for it."""

    inner: int
    outer: int


def find_enclaves(polygons: Sequence[BaseGeometry]) -> list[Enclave]:
    """Return the enclaves among polygons, in the order of those around them."""
    shapes = np.array([*polygons], dtype=object)
    areas = shapely.area(shapes)
    inner, outer = shapely.STRtree(shapes).query(shapes)
    smaller = areas[inner] < SMALLER * areas[outer]
    inner, outer = inner[smaller], outer[smaller]
    common = shapely.area(shapely.intersection(shapely.envelope(shapes[inner]), shapely.envelope(shapes[outer])))
    reaching = common >= INSIDE * shapely.area(shapely.envelope(shapes[inner]))
    inner, outer = inner[reaching], outer[reaching]
    within = shapely.area(shapely.intersection(shapes[inner], shapes[outer])) >= INSIDE * areas[inner]
    pairs = sorted(zip(outer[within].tolist(), inner[within].tolist(), strict=True))
    return [Enclave(inner=inside, outer=around) for around, inside in pairs]


def cut_enclaves(polygons: Sequence[BaseGeometry], enclaves: Sequence[Enclave]) -> list[BaseGeometry]:
    """Cut enclaves out of the polygons around them. The others are returned as the same objects."""
    found = list(polygons)
    for outer in {enclave.outer for enclave in enclaves}:
        inside = [polygons[enclave.inner] for enclave in enclaves if enclave.outer == outer]
        found[outer] = shapely.difference(polygons[outer], shapely.union_all(inside))
    return found
