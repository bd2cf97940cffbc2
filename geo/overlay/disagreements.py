"""Where a network of areas and the grids disagree, each place once. Pure; shapes are in metres of one plane.

Land that two areas claim is an overlap and nothing else, land that none has is a gap and nothing else, and land beyond
the grids lies outside. What is left belongs to one area and one grid, and either nests in the other or is cut.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.repair.widths import widths
from geo.overlay.areas import (
    BORDER_M,
    Areas,
    Floats,
    Pieces,
    Shapes,
    are_wider,
    as_array,
    joined,
    own_widths,
    pieces_of,
    wide_parts,
)

WIDTH_M = 5.0
"""Borders of two offices that differ by less are taken for the same line, unless another width is asked for."""


class Disagreement(StrEnum):
    """Kinds of disagreement between a network's areas and the grids.

    `cut`: a piece of an area lies in a grid that other areas share, while most of it lies elsewhere. `border`: such a
    piece is a strip along a border drawn elsewhere. `several_grids`: an area unites whole grids. `grid_divided`:
    several areas lie within one grid.
    """

    GAP = "gap"
    OVERLAP = "overlap"
    OUTSIDE = "outside"
    CUT = "cut"
    BORDER = "border"
    SEVERAL_GRIDS = "several_grids"
    GRID_DIVIDED = "grid_divided"


@dataclass(frozen=True, slots=True)
class Finding:
    """A disagreement: the areas and grids that it is between, and where. `width_m` is measured up to `BORDER_M`."""

    kind: Disagreement
    areas: tuple[str, ...]
    grids: tuple[str, ...]
    where: BaseGeometry
    width_m: float = BORDER_M

    @property
    def area_m2(self) -> float:
        return float(self.where.area)


@dataclass(frozen=True)
class Overlay:
    """A network on the grids: `whole` has the pieces of all areas, `own` those of land that one area alone claims.

    `beyond_m2` is the land of each area that lies beyond the grids.
    """

    areas: Areas
    grids: Areas
    whole: Pieces
    own: Pieces
    beyond_m2: Floats
    findings: tuple[Finding, ...]

    @cached_property
    def with_gaps(self) -> frozenset[str]:
        """Codes of the grids in which some land has no area."""
        return frozenset(code for one in self.findings if one.kind is Disagreement.GAP for code in one.grids)

    @cached_property
    def doubled(self) -> frozenset[str]:
        """Codes of the areas that overlap another."""
        return frozenset(code for one in self.findings if one.kind is Disagreement.OVERLAP for code in one.areas)

    @cached_property
    def served(self) -> Mapping[str, tuple[str, ...]]:
        """Codes of the areas that serve each grid: more than a strip of it, or as much as there is of them."""
        found: dict[str, set[str]] = defaultdict(set)
        for area, grid in _pairs(self.whole.take(~self.whole.is_strip)):
            found[self.grids.codes[grid]].add(self.areas.codes[area])
        return {code: tuple(sorted(areas)) for code, areas in found.items()}


def lay(shapes: Mapping[str, BaseGeometry], grids: Areas, *, width: float) -> Overlay:
    """Lay the areas of a network on grids, and find where they disagree by more than `width` metres."""
    areas = Areas.of(shapes)
    whole = pieces_of(areas, grids, width=width)
    overlaps = [*_overlaps(areas, grids, width=width)]
    alone = _without(areas, overlaps)
    own = whole if alone is areas else pieces_of(alone, grids, width=width)
    outline = shapely.union_all(grids.shapes)
    gaps = _gaps(areas, grids, outline, width=width)
    beyond = _beyond(areas, outline, width=width)
    found = [
        *overlaps,
        *(_gap(gap, grids, width=width) for gap in gaps),
        *_outside(areas, own, beyond),
        *_relations(areas, grids, own, gaps, width=width),
    ]
    beyond_m2 = np.zeros(len(areas))
    beyond_m2[[*beyond]] = [shape.area for shape in beyond.values()]
    return Overlay(areas, grids, whole, own, beyond_m2, tuple(_measured(found)))


def _overlaps(areas: Areas, grids: Areas, *, width: float) -> Iterator[Finding]:
    """Yield the land that two areas claim, for each pair."""
    one, other = shapely.STRtree(areas.shapes).query(areas.shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    limits = np.minimum(width, np.minimum(areas.widths[one], areas.widths[other]) / 2)
    parts, of = wide_parts(shapely.intersection(areas.shapes[one], areas.shapes[other]), limits)
    for shape, row in zip(*joined(parts, of), strict=True):
        pair = tuple(sorted((areas.codes[one[row]], areas.codes[other[row]])))
        yield Finding(Disagreement.OVERLAP, pair, _touched(shape, grids, width=width), shape)


def _without(areas: Areas, overlaps: Collection[Finding]) -> Areas:
    """Return the areas without the land that others claim too; the same object where there is none."""
    if not overlaps:
        return areas
    taken: dict[str, list[BaseGeometry]] = defaultdict(list)
    for found in overlaps:
        for code in found.areas:
            taken[code].append(found.where)
    shapes = areas.shapes.copy()
    for i, code in enumerate(areas.codes):
        if code in taken:
            shapes[i] = shapely.difference(shapes[i], shapely.union_all(taken[code]))
    return replace(areas, shapes=shapes)


def _gaps(areas: Areas, grids: Areas, outline: BaseGeometry, *, width: float) -> Shapes:
    """Return the land that no area has: what is wider than `width`, and narrow grids of which half or more is left."""
    left = as_array([shapely.difference(outline, shapely.union_all(areas.shapes))])
    parts, _ = wide_parts(left, np.zeros(1))
    narrow = grids.shapes[grids.widths <= 2 * width]
    grid, part = shapely.STRtree(parts).query(narrow, predicate="intersects")
    common = shapely.area(shapely.intersection(narrow[grid], parts[part]))
    wide = are_wider(parts, np.full(len(parts), width))
    wide[part[common >= shapely.area(narrow[grid]) / 2]] = True
    return parts[wide]


def _gap(shape: BaseGeometry, grids: Areas, *, width: float) -> Finding:
    return Finding(Disagreement.GAP, (), _touched(shape, grids, width=width), shape)


def _touched(shape: BaseGeometry, grids: Areas, *, width: float) -> tuple[str, ...]:
    """Return the codes of the grids that more than a border's width of a shape lies in, or the most of it."""
    shapes = as_array([shape])
    found = pieces_of(Areas(("",), shapes, own_widths(shapes)), grids, width=width)
    return tuple(sorted(grids.codes[grid] for grid in found.grid.tolist()))


def _beyond(areas: Areas, outline: BaseGeometry, *, width: float) -> dict[int, BaseGeometry]:
    """Return what areas have beyond the grids, by row."""
    left = shapely.difference(areas.shapes, outline)
    parts, of = wide_parts(left, np.minimum(width, areas.widths / 2))
    shapes, rows = joined(parts, of)
    return dict(zip(rows.tolist(), shapes.tolist(), strict=True))


def _outside(areas: Areas, own: Pieces, beyond: Mapping[int, BaseGeometry]) -> Iterator[Finding]:
    """Yield what areas that are at home here have beyond the grids."""
    home = {*own.area[~own.is_strip].tolist()}
    for row, shape in beyond.items():
        if row in home:
            yield Finding(Disagreement.OUTSIDE, (areas.codes[row],), (), shape)


def _relations(areas: Areas, grids: Areas, own: Pieces, gaps: Shapes, *, width: float) -> Iterator[Finding]:
    """Yield how areas and grids that do not agree lie to each other."""
    nests = _Nesting(own, _shared_with_gaps(grids, gaps, width=width))
    for row in np.flatnonzero(own.is_strip).tolist():
        yield _between(Disagreement.BORDER, areas, grids, own, [row])
    for row in nests.cuts():
        yield _between(Disagreement.CUT, areas, grids, own, [row])
    for rows in nests.united():
        yield _between(Disagreement.SEVERAL_GRIDS, areas, grids, own, rows)
    for rows in nests.divided():
        yield _between(Disagreement.GRID_DIVIDED, areas, grids, own, rows)


def _shared_with_gaps(grids: Areas, gaps: Shapes, *, width: float) -> frozenset[int]:
    """Return the rows of grids that a gap takes more than a strip of."""
    found = pieces_of(Areas(("",) * len(gaps), gaps, own_widths(gaps)), grids, width=width)
    return frozenset(found.grid[~found.is_strip].tolist())


class _Nesting:
    """How the areas and grids of pieces contain each other, apart from strips. Results are rows of pieces."""

    def __init__(self, own: Pieces, with_gaps: frozenset[int]) -> None:
        self.with_gaps = with_gaps
        self.rows_of_area: dict[int, list[int]] = defaultdict(list)
        self.rows_of_grid: dict[int, list[int]] = defaultdict(list)
        self.size = own.square_metres
        self.own = own
        for row in np.flatnonzero(~own.is_strip).tolist():
            self.rows_of_area[int(own.area[row])].append(row)
            self.rows_of_grid[int(own.grid[row])].append(row)

    def cuts(self) -> Iterator[int]:
        for rows in self.rows_of_grid.values():
            for row in rows:
                area, grid = int(self.own.area[row]), int(self.own.grid[row])
                if len(self.rows_of_area[area]) > 1 and not self._fills(grid) and not self._is_home(row):
                    yield row

    def united(self) -> Iterator[list[int]]:
        for rows in self.rows_of_area.values():
            filled = [row for row in rows if self._fills(int(self.own.grid[row]))]
            if len(filled) > 1:
                yield filled

    def divided(self) -> Iterator[list[int]]:
        for rows in self.rows_of_grid.values():
            within = [row for row in rows if len(self.rows_of_area[int(self.own.area[row])]) == 1]
            if len(within) > 1:
                yield within

    def _fills(self, grid: int) -> bool:
        """Whether one area has all of a grid."""
        return len(self.rows_of_grid[grid]) == 1 and grid not in self.with_gaps

    def _is_home(self, row: int) -> bool:
        """Whether a piece is the largest of its area and the largest of its grid."""
        mates = self.rows_of_area[int(self.own.area[row])], self.rows_of_grid[int(self.own.grid[row])]
        return all(row == max(rows, key=lambda one: self.size[one]) for rows in mates)


def _between(kind: Disagreement, areas: Areas, grids: Areas, own: Pieces, rows: list[int]) -> Finding:
    pieces = own.take(rows)
    shape = shapely.MultiPolygon([part for one in pieces.shapes for part in shapely.get_parts(one)])
    named = tuple(sorted(areas.codes[i] for i in np.unique(pieces.area)))
    return Finding(kind, named, tuple(sorted(grids.codes[i] for i in np.unique(pieces.grid))), shape)


def _measured(findings: Collection[Finding]) -> Iterator[Finding]:
    """Yield the findings with their widths, the largest first."""
    ordered = sorted(findings, key=lambda one: (-one.area_m2, one.kind, one.areas, one.grids))
    parts, of = shapely.get_parts(as_array([one.where for one in ordered]), return_index=True)
    most = np.zeros(len(ordered))
    if len(parts):
        np.maximum.at(most, of, np.minimum(widths(parts, limit=BORDER_M), BORDER_M))
    for one, width in zip(ordered, most.tolist(), strict=True):
        yield replace(one, width_m=round(width, 1))


def _pairs(pieces: Pieces) -> Iterator[tuple[int, int]]:
    yield from zip(pieces.area.tolist(), pieces.grid.tolist(), strict=True)
