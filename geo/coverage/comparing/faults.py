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
ROUNDED_M = 1e-3
"""Narrower faults are the rounding of coordinates."""


@dataclass(frozen=True, slots=True)
class WideFault:
    """A fault, and its width in metres: exact up to the `limit` of the list, at least that beyond."""

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


def faults_between(
    shapes: Shapes, labels: Sequence[str], *, plane: Plane, outer: BaseGeometry, wider_than: float = ROUNDED_M
) -> list[WideFault]:
    """List overlaps, gaps and overhangs of valid shapes (degrees) within some land, the widest first.

    What is at most `wider_than` metres wide is left out.
    """
    matched = bool(shapely.coverage_is_valid(shapes))
    union = shapely.coverage_union_all(shapes) if matched else shapely.union_all(shapes)
    found = [] if matched else [*_overlaps(shapes, labels, plane)]
    if not (matched and same_land(shapely.normalize(union), shapely.normalize(outer))):
        found += _beside(Fault.GAP, outer.difference(union), shapes, labels, plane)
        found += _beside(Fault.OUTSIDE, union.difference(outer), shapes, labels, plane)
    return _measured(found, plane, wider_than)


def _overlaps(shapes: Shapes, labels: Sequence[str], plane: Plane) -> list[Problem]:
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    common = shapely.intersection(shapes[one], shapes[other])
    real = np.flatnonzero(shapely.area(common) > 0).tolist()
    return [
        Problem(Fault.OVERLAP, labels[one[i]], plane.area_m2(common[i]), _areas(common[i]), other=labels[other[i]])
        for i in real
    ]


def _areas(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a geometry."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _beside(fault: Fault, land: BaseGeometry, shapes: Shapes, labels: Sequence[str], plane: Plane) -> list[Problem]:
    """Return a fault for each part of some land, with the shape that it lies beside or in, and a second one."""
    parts = [part for part in shapely.get_parts(land) if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        return []
    tree = shapely.STRtree(shapes)
    return [_problem(fault, part, tree, labels, plane) for part in parts]


def _problem(fault: Fault, part: BaseGeometry, tree: shapely.STRtree, labels: Sequence[str], plane: Plane) -> Problem:
    near = sorted(tree.query(part, predicate="intersects").tolist()) or [int(tree.nearest(part))]
    shared = [part.intersection(tree.geometries[i]) for i in near]
    rank = sorted(range(len(near)), key=lambda i: (-shared[i].length, near[i]))
    first, *others = [labels[near[i]] for i in rank]
    return Problem(fault, first, plane.area_m2(part), part, other=others[0] if others and fault is Fault.GAP else None)


def _measured(problems: Sequence[Problem], plane: Plane, wider_than: float) -> list[WideFault]:
    parts, of = shapely.get_parts(np.array([one.where for one in problems], dtype=object), return_index=True)
    if not parts.size:
        return []
    flat = shapely.transform(parts, plane.to_metres)
    wide = np.flatnonzero(~Narrowness.of(flat, wider_than).narrow)
    if not wide.size:
        return []
    measured = widths(flat[wide], limit=wider_than)
    widest = np.zeros(len(problems))
    np.maximum.at(widest, of[wide], measured)
    found = [WideFault(problems[i], float(widest[i])) for i in np.flatnonzero(widest).tolist()]
    return sorted(found, key=lambda one: -one.width_m)
