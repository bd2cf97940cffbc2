"""Check a whole coverage against what every published one must be.

Complete against its outer land, disjoint, matched edge by edge, nested, connected, no sliver by its width, codes in
order. Operations check only what they touch; this check is independent of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from geo.coverage.measures import same_land, slivers
from geo.coverage.partition import Fault, Problem, check
from geo.coverage.topology import Coverage

ROUNDED_M = 1e-6
"""Width of what a new vertex on a border can add or take, by rounding."""
CODE = re.compile(r"[A-Za-z0-9_]{1,32}")
"""A label of a division path, in the characters that `ltree` allows."""


def check_coverage(
    coverage: Coverage, *, outer: BaseGeometry | None = None, outlines: Mapping[str, BaseGeometry] | None = None
) -> list[Problem]:
    """List all that is wrong with a coverage; empty when it may be published.

    `outer` (degrees) is the land that it must fill, by default that which it was built on. `outlines` are the shapes
    that divisions above were given, where they must be kept to; by default they are derived, and bend with those below.
    """
    land = coverage.outer if outer is None else outer
    return [
        *_of_partition(coverage, land),
        *_of_tree(coverage),
        *_of_widths(coverage),
        *_of_parts(coverage),
        *_of_outlines(coverage, outlines or {}),
    ]


def check_divisions(coverage: Coverage, codes: Iterable[str]) -> list[Problem]:
    """List what is wrong with some divisions by themselves: crossing borders, slivers, several parts.

    For the answer to an operation: `codes` are those that it changed. What it may not do has been refused before.
    """
    known = [code for code in codes if code in coverage]
    finest = [code for code in known if code in coverage.shapes]
    thin = coverage.narrow(finest)
    found = [_problem(coverage, Fault.INVALID, code) for code in finest if not coverage.shapes[code].is_valid]
    found += [_problem(coverage, Fault.SLIVER, code) for code, narrow in zip(finest, thin, strict=True) if narrow]
    for code in known:
        outline = coverage.outline(code)
        if shapely.get_num_geometries(outline) > coverage.divisions[code].parts:
            found.append(Problem(Fault.APART, code, coverage.plane.area_m2(outline), outline))
    return found


def _of_partition(coverage: Coverage, outer: BaseGeometry) -> list[Problem]:
    shapes = coverage.polygons
    if shapely.is_valid(shapes).all() and shapely.coverage_is_valid(shapes):
        union = shapely.coverage_union_all(shapes)
        if same_land(shapely.normalize(union), shapely.normalize(outer)):
            return []
    found = check([*shapes], coverage.finest, outer)
    return [problem for problem in found if not _is_rounding(coverage, problem)]


def _is_rounding(coverage: Coverage, problem: Problem) -> bool:
    if problem.fault not in (Fault.GAP, Fault.OVERLAP, Fault.OUTSIDE):
        return False
    flat = coverage.plane.flatten(problem.where)
    return bool(2 * flat.area <= ROUNDED_M * flat.length)


def _of_tree(coverage: Coverage) -> Iterator[Problem]:
    """Yield divisions with a code that is none, or without a parent one level above; finest ones without a shape."""
    above = dict(zip(coverage.levels[1:], coverage.levels, strict=False))
    for one in coverage.divisions.values():
        if not CODE.fullmatch(one.code):
            yield _problem(coverage, Fault.CODE, one.code)
        parent = None if one.parent is None else coverage.divisions.get(one.parent)
        wanted = one.level in coverage.levels and (parent.level if parent else None) == above.get(one.level)
        is_top = one.parent is None and one.level == coverage.levels[0]
        if not (is_top or (parent and wanted)):
            yield _problem(coverage, Fault.PARENT, one.code, other=one.parent)
    named = {code for code in coverage.divisions if code not in coverage.tree.children}
    for code in sorted(named ^ coverage.shapes.keys()):
        yield _problem(coverage, Fault.PARENT, code)


def _problem(coverage: Coverage, fault: Fault, code: str, *, other: str | None = None) -> Problem:
    shape: BaseGeometry = coverage.shapes.get(code, shapely.Polygon())
    return Problem(fault, code, coverage.plane.area_m2(shape), shape, other=other)


def _of_widths(coverage: Coverage) -> Iterator[Problem]:
    for at in np.flatnonzero(slivers(coverage.polygons, coverage.plane)).tolist():
        yield _problem(coverage, Fault.SLIVER, coverage.finest[at])


def _of_parts(coverage: Coverage) -> Iterator[Problem]:
    """Yield divisions in more parts than they may be. Those that meet at corners only are apart."""
    numbers = shapely.get_num_geometries(coverage.polygons)
    many = dict(zip(coverage.finest, numbers.tolist(), strict=True))
    suspects = [code for code, parts in many.items() if parts > 1]
    inexact = {up for code in suspects if code in coverage.divisions for up in coverage.tree.above(code)}
    for code in sorted({*suspects, *inexact, *_in_pieces(coverage)}):
        shape, division = coverage.outline(code), coverage.divisions.get(code)
        if division is not None and shapely.get_num_geometries(shape) > division.parts:
            yield Problem(Fault.APART, code, coverage.plane.area_m2(shape), shape)


def _in_pieces(coverage: Coverage) -> set[str]:
    """Return the divisions above the finest whose parts no shared edge connects."""
    place = {code: i for i, code in enumerate(coverage.finest)}
    pairs = [
        (place[edge.left], place[edge.right])
        for edge in coverage.edges.values()
        if edge.left in place and edge.right in place
    ]
    links = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    found: set[str] = set()
    above = [_labels(coverage, level) for level in coverage.levels[:-1]]
    for codes in above:
        known, label = np.unique(codes, return_inverse=True)
        inner = links[label[links[:, 0]] == label[links[:, 1]]]
        matrix = coo_array((np.ones(len(inner)), inner.T), shape=(len(place), len(place)))
        _, part = connected_components(matrix, directed=False)
        parts = np.unique(np.column_stack([label, part]), axis=0)[:, 0]
        found |= {str(known[i]) for i in np.flatnonzero(np.bincount(parts) > 1).tolist()}
    return found - {""}


def _labels(coverage: Coverage, level: str) -> NDArray[np.str_]:
    """Return the code of this level above each of the finest divisions, or an empty one."""
    divisions = coverage.divisions

    def reach(code: str | None) -> str:
        while code is not None and code in divisions:
            if divisions[code].level == level:
                return code
            code = divisions[code].parent
        return ""

    parents = [divisions[code].parent if code in divisions else None for code in coverage.finest]
    of_parent = {parent: reach(parent) for parent in set(parents)}
    return np.array([of_parent[parent] for parent in parents])


def _of_outlines(coverage: Coverage, outlines: Mapping[str, BaseGeometry]) -> Iterator[Problem]:
    """Yield what of each division lies outside its given outline: a micro-grid across two villages."""
    for code, given in sorted(outlines.items()):
        if code not in coverage.divisions or same_land(coverage.outline(code), given):
            continue
        for finest in coverage.tree.finest_below([code]):
            over = coverage.shapes[finest].difference(given)
            problem = Problem(Fault.NESTING, finest, coverage.plane.area_m2(over), over, other=code)
            flat = coverage.plane.flatten(over)
            if 2 * flat.area > ROUNDED_M * flat.length:
                yield problem
