"""Build a coverage from the polygons of its finest divisions."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.divisions import Division, Tree
from geo.coverage.edges import DoubledBorder, edges_of
from geo.coverage.loops import shape_of
from geo.coverage.partition import Fault, Problem, check
from geo.coverage.refusals import LinesDoNotFit
from geo.coverage.repair.mending import TOLERANCE_M, mend
from geo.coverage.topology import Coverage, ends_of, sides_of
from geo.plane import Plane


def build_coverage(
    divisions: Sequence[Division],
    shapes: Mapping[str, BaseGeometry],
    *,
    levels: Sequence[str],
    fixed_levels: Collection[str] = (),
    limit_m: float = TOLERANCE_M,
) -> Coverage:
    """Build a coverage of divisions, parents included, from the `shapes` (degrees) of those of the last of `levels`.

    Borders that were drawn twice are mended up to `limit_m` wide. Divisions above the finest are derived: one with
    nothing below is left out. Parts that a division has now, it may keep. Raises `LinesDoNotFit` with what is wrong.
    """
    codes = sorted(shapes)
    fitted = _fitted([shapes[code] for code in codes], codes, limit_m=limit_m)
    try:
        edges = edges_of(codes, fitted)
    except DoubledBorder:
        raise LinesDoNotFit.of(check(fitted, codes)) from None
    sides = sides_of(edges)
    by_key = {edge.key: edge for edge in edges}
    tree = Tree({division.code: division for division in divisions}, tuple(levels))
    kept = tree.with_above(codes)
    coverage = Coverage(
        levels=tuple(levels),
        divisions={code: tree.divisions[code] for code in tree.in_order(kept)},
        edges=by_key,
        sides=sides,
        shapes={code: shape_of(by_key[key].directed(code) for key in sides[code]) for code in codes},
        ends=dict(Counter(end for edge in edges for end in ends_of(edge))),
        outer=shapely.Polygon(),
        plane=Plane.at(shapely.GeometryCollection(fitted)),
        fixed_levels=frozenset(fixed_levels),
    )
    return _with_parts(replace(coverage, outer=coverage.united(codes)))


def _fitted(shapes: list[BaseGeometry], codes: list[str], *, limit_m: float) -> list[BaseGeometry]:
    """Return the shapes with shared vertices, or raise `LinesDoNotFit` with what is wrong."""
    given = np.array(shapes, dtype=object)
    if not (shapely.is_valid(given).all() and not shapely.is_empty(given).any()):
        raise LinesDoNotFit.of(check(shapes, codes))
    if shapely.coverage_is_valid(given):
        return shapes
    mended = mend(shapes, codes, limit_m=limit_m, matched=True)
    wide = [fault for fault in mended.faults if not fault.mended and fault.fault is not Fault.GAP]
    if wide:
        faults = [Problem(one.fault, one.code, one.area_m2, one.where, other=one.other) for one in wide]
        raise LinesDoNotFit.of(faults, width_m=wide[0].width_m)
    if mended.too_far or not shapely.coverage_is_valid(mended.polygons):
        raise LinesDoNotFit.of(check(shapes, codes), width_m=mended.moved_m)
    return mended.polygons


def _with_parts(coverage: Coverage) -> Coverage:
    """Allow each division the parts that it has."""
    parts = {code: int(shapely.get_num_geometries(coverage.outline(code))) for code in coverage.divisions}
    counted = {
        code: one if one.parts >= parts[code] else replace(one, parts=parts[code])
        for code, one in coverage.divisions.items()
    }
    return replace(coverage, divisions=counted)
