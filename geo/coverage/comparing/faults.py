"""List what is wrong with the shapes of a file, each fault with its width and its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.measures import same_land
from geo.coverage.partition import Fault, Problem
from geo.coverage.refusals import as_geojson
from geo.coverage.repair.widths import Narrowness, widths
from geo.plane import Plane

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
SHOWN = 100
"""Faults that are named and drawn; all are counted."""


@dataclass(frozen=True, slots=True)
class WideFault:
    """A fault, and its width in metres."""

    problem: Problem
    width_m: float

    def as_json(self, number: int) -> dict[str, Any]:
        """Return it as answers carry it."""
        one = self.problem
        return {
            "number": number,
            "fault": str(one.fault),
            "code": one.code,
            "other": one.other,
            "width_m": float(f"{self.width_m:.3g}"),
            "area_m2": round(one.area_m2, 3),
            "where": as_geojson(one.where),
        }


@dataclass(frozen=True, slots=True)
class Faults:
    """How many faults there are, and the widest of them, the widest first."""

    count: int
    widest: Sequence[WideFault]


@dataclass(frozen=True, slots=True)
class _Found:
    """A fault that is not named yet: the shapes of an overlap are `pair`."""

    fault: Fault
    where: BaseGeometry
    pair: tuple[int, int] | None = None


def faults_between(
    shapes: Shapes, labels: Sequence[str], *, plane: Plane, outer: BaseGeometry, wider_than: float
) -> Faults:
    """List overlaps, gaps and overhangs of valid shapes (degrees) within some land.

    What is at most `wider_than` metres wide is left out.
    """
    matched = bool(shapely.coverage_is_valid(shapes))
    union = shapely.coverage_union_all(shapes) if matched else shapely.union_all(shapes)
    found = [] if matched else _overlaps(shapes)
    if not (matched and same_land(shapely.normalize(union), shapely.normalize(outer))):
        found += [_Found(Fault.GAP, part) for part in _areas(outer.difference(union))]
        found += [_Found(Fault.OUTSIDE, part) for part in _areas(union.difference(outer))]
    if not found:
        return Faults(0, ())
    width = _widths(found, plane, wider_than)
    order = np.argsort(-width, kind="stable")[: int((width > 0).sum())]
    tree = shapely.STRtree(shapes)
    named = [WideFault(_named(found[i], tree, labels, plane), float(width[i])) for i in order[:SHOWN].tolist()]
    return Faults(len(order), named)


def _overlaps(shapes: Shapes) -> list[_Found]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    common = shapely.intersection(shapes[one], shapes[other])
    real = np.flatnonzero(shapely.area(common) > 0).tolist()
    return [_Found(Fault.OVERLAP, common[i], (int(one[i]), int(other[i]))) for i in real]


def _areas(land: BaseGeometry) -> list[shapely.Polygon]:
    """Return the polygons of a geometry."""
    return [part for part in shapely.get_parts(land).tolist() if isinstance(part, shapely.Polygon) and part.area > 0]


def _widths(found: Sequence[_Found], plane: Plane, wider_than: float) -> Floats:
    """Return the width of each fault in metres, 0 for those that are no wider than `wider_than`."""
    parts, of = shapely.get_parts(np.array([one.where for one in found], dtype=object), return_index=True)
    flat = shapely.transform(parts, plane.to_metres)
    wide = np.flatnonzero((shapely.area(flat) > 0) & ~Narrowness.of(flat, wider_than).narrow)
    width = np.zeros(len(found))
    if wide.size:
        np.maximum.at(width, of[wide], widths(flat[wide], limit=wider_than))
    return width


def _named(one: _Found, tree: shapely.STRtree, labels: Sequence[str], plane: Plane) -> Problem:
    """Name the shapes of a fault: those of an overlap, else that with the longest border beside it and a second one."""
    area = plane.area_m2(one.where)
    if one.pair is not None:
        parts = _areas(one.where)
        where = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
        return Problem(one.fault, labels[one.pair[0]], area, where, other=labels[one.pair[1]])
    near = sorted(tree.query(one.where, predicate="intersects").tolist()) or [int(tree.nearest(one.where))]
    shared = [one.where.intersection(tree.geometries[i]).length for i in near]
    rank = sorted(range(len(near)), key=lambda i: (-shared[i], near[i]))
    first, *others = [labels[near[i]] for i in rank]
    return Problem(one.fault, first, area, one.where, other=others[0] if others and one.fault is Fault.GAP else None)
