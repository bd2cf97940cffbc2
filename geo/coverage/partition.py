"""Check that polygons are exactly a partition of their parent, to the last bit, as generated ones are.

Faults carry place and area. Polygons from files, drawn by hand, are mended first: see `repair`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.plane import Plane


class Fault(StrEnum):
    """Faults of a partition. `edge`: borders meet without sharing vertices, though no area is lost.

    The last ones are those of a coverage's divisions: with a spike, too narrow, in more parts than they may be, with a
    parent that is missing or not one level above, outside the land that their parent was given, with a code that cannot
    be one.
    """

    INVALID = "invalid"
    OVERLAP = "overlap"
    GAP = "gap"
    OUTSIDE = "outside"
    EDGE = "edge"
    SPIKE = "spike"
    SLIVER = "sliver"
    APART = "apart"
    PARENT = "parent"
    NESTING = "nesting"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `code` is the polygon at fault, or one beside a gap; `other` the second one of an overlap.

    `area_m2` is the area lost, counted twice or outside (0 for an edge); `where` is its geometry, in degrees.
    """

    fault: Fault
    code: str
    area_m2: float
    where: BaseGeometry
    other: str | None = None


def check(polygons: Sequence[BaseGeometry], codes: Sequence[str], parent: BaseGeometry | None = None) -> list[Problem]:
    """List all faults that keep `polygons` (degrees, one code each) from being a partition of `parent`; empty when it
    is one.

    Without a parent, holes enclosed by the polygons are the gaps. Invalid polygons are named and then left out, so they
    also show as gaps.
    """
    if not polygons:
        return []
    sound = np.asarray(shapely.is_valid(np.array(polygons, dtype=object)))
    checking = _Checker(
        [p for p, ok in zip(polygons, sound, strict=True) if ok],
        [c for c, ok in zip(codes, sound, strict=True) if ok],
        Plane.at(parent if parent is not None else shapely.GeometryCollection(list(polygons))),
    )
    broken = [
        Problem(Fault.INVALID, code, checking.plane.area_m2(polygon.envelope), polygon)
        for polygon, code, ok in zip(polygons, codes, sound, strict=True)
        if not ok
    ]
    return [*broken, *checking.all(parent)]


def simplify(polygons: Sequence[BaseGeometry], *, metres: float) -> list[BaseGeometry]:
    """Simplify a partition: borders move by about `metres` at most, and stay shared between neighbours."""
    plane = Plane.at(shapely.GeometryCollection(list(polygons)))
    # GEOS takes the tolerance in degrees, the same in every direction: use the shorter degree.
    drawn = shapely.coverage_simplify(np.array(polygons, dtype=object), metres / float(plane.scale.max()))
    return list(drawn)


@dataclass(frozen=True, slots=True)
class _Checker:
    polygons: list[BaseGeometry]
    codes: list[str]
    plane: Plane

    def all(self, parent: BaseGeometry | None) -> Iterator[Problem]:
        if not self.polygons:
            return
        matched = bool(shapely.coverage_is_valid(self.polygons))
        overlaps = [] if matched else list(self._overlaps())
        yield from overlaps
        if not matched and not overlaps:
            yield from self._edges()
        union = shapely.coverage_union_all(self.polygons) if matched else shapely.union_all(self.polygons)
        yield from self._gaps(union, parent)
        if parent is not None and not parent.equals(union):
            yield from self._outside(parent)

    def _overlaps(self) -> Iterator[Problem]:
        first, second = shapely.STRtree(self.polygons).query(self.polygons, predicate="intersects")
        for i, j in sorted((int(i), int(j)) for i, j in zip(first, second, strict=True) if i < j):
            common = self.polygons[i].intersection(self.polygons[j])
            if common.area > 0:
                area = self.plane.area_m2(common)
                yield Problem(Fault.OVERLAP, self.codes[i], area, common, other=self.codes[j])

    def _edges(self) -> Iterator[Problem]:
        for code, edges in zip(self.codes, shapely.coverage_invalid_edges(self.polygons), strict=True):
            if not edges.is_empty:
                yield Problem(Fault.EDGE, code, 0.0, edges)

    def _gaps(self, union: BaseGeometry, parent: BaseGeometry | None) -> Iterator[Problem]:
        filled = _without_holes(union) if parent is None else parent
        if filled.equals(union):
            return
        tree = shapely.STRtree(self.polygons)
        for gap in shapely.get_parts(filled.difference(union)):
            if gap.area > 0:
                beside = self.codes[int(tree.nearest(gap))]
                yield Problem(Fault.GAP, beside, self.plane.area_m2(gap), gap)

    def _outside(self, parent: BaseGeometry) -> Iterator[Problem]:
        shapely.prepare(parent)
        for polygon, code in zip(self.polygons, self.codes, strict=True):
            if not parent.covers(polygon):
                over = polygon.difference(parent)
                if over.area > 0:
                    yield Problem(Fault.OUTSIDE, code, self.plane.area_m2(over), over)


def _without_holes(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(geometry)])
