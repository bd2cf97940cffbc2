"""Find slits: gaps between polygons that are open at an end, so that no ring encloses them."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.repair.allotting import stubs
from geo.coverage.repair.faces import Shapes, lines_of
from geo.coverage.repair.widths import Narrowness, width_bounds

SEARCHED_M = 1.0
"""Widest slit that is looked for unless a wider one is to be mended: wider ones are bays and rivers."""
THINNEST_M = 1e-4
ELONGATED = 10.0
"""Length of a slit in widths, at least: a shorter one is a corner between two borders."""
TOUCHES_M = 1e-3
MITRE = 5.0


def mouths_of_slits(polygons: Shapes, *, width: float) -> list[BaseGeometry]:
    """Return lines (metres) that close the slits between two of the `polygons` that are at most `width` wide.

    Growing the union by half the width fills a slit, and shrinking it again leaves everything else as it was.
    """
    whole = bool(shapely.coverage_is_valid(polygons))
    union = shapely.coverage_union_all(polygons) if whole else shapely.union_all(polygons)
    union = _without_narrow_holes(union, width)
    grown = shapely.buffer(union, width / 2, join_style="mitre", mitre_limit=MITRE)
    closed = shapely.buffer(grown, -width / 2, join_style="mitre", mitre_limit=MITRE)
    filled = shapely.get_parts(shapely.difference(closed, union))
    slits = filled[_are_slits(filled)] if filled.size else filled
    slits = slits[_between_two(slits, polygons)] if slits.size else slits
    if not slits.size:
        return []
    sides = _segments(shapely.boundary(slits))
    near, _ = shapely.STRtree(_segments(np.array([shapely.boundary(union)]))).query(
        shapely.line_interpolate_point(sides, 0.5, normalized=True), predicate="dwithin", distance=THINNEST_M
    )
    mouths = np.delete(sides, near)
    return [*mouths, *stubs(mouths)]


def _without_narrow_holes(union: BaseGeometry, width: float) -> BaseGeometry:
    """Fill holes that are at most `width` wide: they have no open end, and a county drawn twice has thousands."""
    parts = shapely.get_parts(union)
    holes, of = shapely.get_rings(parts, return_index=True)
    first = np.append(True, of[1:] != of[:-1])
    filled = np.asarray(shapely.polygons(holes), dtype=object)
    wide = first | ~Narrowness.of(filled, width).narrow
    whole = np.asarray(shapely.polygons(holes[wide], indices=of[wide]), dtype=object)
    return shapely.MultiPolygon(list(whole))


def _are_slits(shapes: Shapes) -> Shapes:
    least, most = width_bounds(shapes)
    return np.asarray((most > THINNEST_M) & (shapely.length(shapes) / 2 > ELONGATED * np.maximum(least, THINNEST_M)))


def _between_two(slits: Shapes, polygons: Shapes) -> Shapes:
    slit, _ = shapely.STRtree(polygons).query(shapely.buffer(slits, TOUCHES_M), predicate="intersects")
    return np.asarray(np.bincount(slit, minlength=len(slits)) >= 2)


def _segments(lines: Shapes) -> Shapes:
    """Return the segments of all lines."""
    parts = shapely.get_parts(lines)
    vertices, of = shapely.get_coordinates(parts, return_index=True)
    first = np.flatnonzero(of[:-1] == of[1:])
    return lines_of(vertices[first], vertices[first + 1])
