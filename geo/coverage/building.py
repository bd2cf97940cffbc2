"""Build a coverage from the polygons of its finest divisions."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.divisions import Division, Tree
from geo.coverage.edges import DoubledBorder, edges_of
from geo.coverage.fitting import fit_together
from geo.coverage.loops import shape_of
from geo.coverage.partition import check
from geo.coverage.refusals import LinesDoNotFit
from geo.coverage.repair.mending import TOLERANCE_M
from geo.coverage.topology import Coverage, ends_of, sides_of
from geo.plane import Plane


def build_coverage(
    divisions: Sequence[Division],
    shapes: Mapping[str, BaseGeometry],
    *,
    levels: Sequence[str],
    fixed_levels: Collection[str] = (),
    limit_m: float = TOLERANCE_M,
    outline: BaseGeometry | None = None,
) -> Coverage:
    """Build a coverage of divisions, parents included, from the `shapes` (degrees) of those with nothing below.

    Borders that were drawn twice are mended up to `limit_m` wide, also towards the `outline` of the whole, if given.
    Divisions above the finest are derived: one with nothing below is left out. Parts that a division has now, it may
    keep. Raises `LinesDoNotFit` with what is wrong.
    """
    codes = sorted(shapes)
    fitted = fit_together([shapes[code] for code in codes], codes, limit_m=limit_m, outline=outline).shapes
    try:
        return coverage_of(divisions, dict(zip(codes, fitted, strict=True)), levels=levels, fixed_levels=fixed_levels)
    except DoubledBorder:
        raise LinesDoNotFit.of(check(fitted, codes)) from None


def coverage_of(
    divisions: Sequence[Division],
    shapes: Mapping[str, BaseGeometry],
    *,
    levels: Sequence[str],
    fixed_levels: Collection[str] = (),
    issued: int = 0,
) -> Coverage:
    """Return the coverage of divisions whose `shapes` fit together to the last bit. Raises `DoubledBorder`."""
    codes = sorted(shapes)
    fitted = [shapes[code] for code in codes]
    edges = edges_of(codes, fitted)
    sides = sides_of(edges)
    by_key = {edge.key: edge for edge in edges}
    tree = Tree({division.code: division for division in divisions}, tuple(levels), shapes.keys())
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
        issued=issued,
    )
    return _with_parts(replace(coverage, outer=coverage.united(codes)))


def _with_parts(coverage: Coverage) -> Coverage:
    """Allow each division the parts that it has."""
    parts = {code: int(shapely.get_num_geometries(coverage.outline(code))) for code in coverage.divisions}
    counted = {
        code: one if one.parts >= parts[code] else replace(one, parts=parts[code])
        for code, one in coverage.divisions.items()
    }
    return replace(coverage, divisions=counted).knowing(coverage)
