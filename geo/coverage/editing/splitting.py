"""Split a division of any level by a drawn line, or along given ones such as streets and water."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.codes import Issuer
from geo.coverage.divisions import Division
from geo.coverage.edges import Line, Point
from geo.coverage.editing.attributes import records
from geo.coverage.editing.drafting import Piece, cut, redraw
from geo.coverage.editing.drawn_lines import fitted
from geo.coverage.editing.fields import DrawnLine, DrawnLines, MaybePlace, Metres, Text
from geo.coverage.editing.finding import REACH_M, division_of
from geo.coverage.measures import SAME_DEGREES
from geo.coverage.patches import Patch
from geo.coverage.refusals import FixedLine, LineDoesNotDivide, Outside
from geo.coverage.topology import Coverage


@dataclass(frozen=True, slots=True)
class Split:
    """Split the division `code` by a line that runs from border to border, or along borders within.

    The largest part keeps code and name, or the one with the place `keep`; the others are new. Above the finest level,
    the line also splits what it crosses below. Within `reach_m` the line means a vertex, and its ends the border.
    """

    op: ClassVar[str] = "split"
    code: Text
    line: DrawnLine
    keep: MaybePlace = None
    reach_m: Metres = REACH_M

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `UnknownCode`, `FixedLine` for the whole draft, `LineDoesNotDivide`, `Crosses`; `Outside` if `keep`
        is.
        """
        return _split(coverage, self.code, [self.line], keep=self.keep, reach_m=self.reach_m)


@dataclass(frozen=True, slots=True)
class SplitAlong:
    """Split the division `code` along all of `lines` that cross it: every block between them is a part."""

    op: ClassVar[str] = "split_along"
    code: Text
    lines: DrawnLines
    keep: MaybePlace = None
    reach_m: Metres = REACH_M

    def patch(self, coverage: Coverage) -> Patch:
        """Raises what `Split` does."""
        return _split(coverage, self.code, self.lines, keep=self.keep, reach_m=self.reach_m)


def _split(coverage: Coverage, code: str, lines: Sequence[Line], *, keep: Point | None, reach_m: float) -> Patch:
    if division_of(coverage, code).parent is None:
        raise FixedLine(code, where=shapely.MultiLineString(lines))
    below = sorted(coverage.tree.finest_below([code]))
    drawn = [fitted(coverage, line, below, reach_m=reach_m) for line in lines]
    barrier = shapely.MultiLineString([line for line in drawn if len(line) > 1])
    crossed = [one for one in below if coverage.shapes[one].intersects(barrier)]
    pieces = cut(coverage, crossed, list(barrier.geoms)) if crossed else []
    if not _is_cut(pieces) and coverage.tree.is_finest(code):
        raise LineDoesNotDivide(code, where=barrier)
    parts = _parts(coverage, below, pieces, barrier)
    if len(set(parts.values())) < 2:
        raise LineDoesNotDivide(code, where=barrier)
    kept = _kept(coverage, code, parts, keep=keep)
    return _Dividing(coverage, parts, kept, set(crossed)).patch(code)


def _is_cut(pieces: Sequence[Piece]) -> bool:
    owners = [piece.of for piece in pieces]
    return len(set(owners)) < len(owners)


class Part(NamedTuple):
    """A piece of the division to be split: one of its finest divisions, or a piece of one."""

    of: str
    shape: BaseGeometry


def _parts(
    coverage: Coverage, below: Iterable[str], pieces: Sequence[Piece], barrier: shapely.MultiLineString
) -> dict[Part, int]:
    """Number the sides of the barrier on which each piece lies, -1 for what the barrier does not touch."""
    cut_up = {piece.of for piece in pieces}
    whole = [
        Part(code, part) for code in below if code not in cut_up for part in shapely.get_parts(coverage.shapes[code])
    ]
    found = [*(Part(*piece) for piece in pieces), *whole]
    groups, touched = _groups(found, barrier)
    return {part: group if group in touched else -1 for part, group in zip(found, groups, strict=True)}


def _groups(parts: Sequence[Part], barrier: shapely.MultiLineString) -> tuple[list[int], set[int]]:
    """Group parts that share a segment which is not on the barrier; and the groups that have one which is."""
    owners: dict[tuple[Point, Point], list[int]] = defaultdict(list)
    for number, part in enumerate(parts):
        for ring in shapely.get_rings(part.shape):
            points = [(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
            for start, end in pairwise(points):
                owners[min((start, end), (end, start))].append(number)
    shared = [(segment, both) for segment, both in owners.items() if len(both) == 2]
    middles = shapely.points(np.array([np.mean(segment, axis=0) for segment, _ in shared]).reshape(-1, 2))
    on_barrier = np.asarray(shapely.distance(middles, barrier) <= SAME_DEGREES)
    root = [*range(len(parts))]
    for (_, (one, other)), barred in zip(shared, on_barrier.tolist(), strict=True):
        if not barred:
            root[_find(root, one)] = _find(root, other)
    groups = [_find(root, number) for number in range(len(parts))]
    beside = [both for (_, both), barred in zip(shared, on_barrier.tolist(), strict=True) if barred]
    return groups, {groups[number] for both in beside for number in both}


def _find(root: list[int], number: int) -> int:
    while root[number] != number:
        root[number] = root[root[number]]
        number = root[number]
    return number


def _kept(coverage: Coverage, code: str, parts: Mapping[Part, int], *, keep: Point | None) -> int:
    """Return the side that keeps the code."""
    if keep is None:
        area: dict[int, float] = defaultdict(float)
        for part, side in parts.items():
            area[side] += part.shape.area
        area.pop(-1, None)
        return max(sorted(area), key=lambda side: area[side])
    place = shapely.Point(keep)
    for part, side in parts.items():
        if side != -1 and part.shape.intersects(place):
            return side
    raise Outside(code, where=place)


def _by_side(parts: Iterable[tuple[Part, int]]) -> list[tuple[int, list[BaseGeometry]]]:
    found: dict[int, list[BaseGeometry]] = defaultdict(list)
    for part, side in parts:
        found[side].append(part.shape)
    return [*found.items()]


class _Dividing:
    """Gives codes to the sides of a division, and to the pieces of all below it."""

    def __init__(self, coverage: Coverage, parts: Mapping[Part, int], kept: int, cut_up: set[str]) -> None:
        self.coverage, self.kept, self.cut = coverage, kept, cut_up
        self.issuer = Issuer(coverage)
        self.parts: dict[str, list[tuple[Part, int]]] = defaultdict(list)
        for part, side in parts.items():
            self.parts[part.of].append((part, kept if side == -1 else side))
        self.made: list[Division] = []
        self.drawn: list[tuple[str, BaseGeometry]] = []
        self.redrawn = set[str]()

    def patch(self, code: str) -> Patch:
        """Return the patch that divides the division."""
        division = self.coverage.divisions[code]
        self._divide(division, dict.fromkeys(self._sides(code), division.parent), first=self.kept)
        redrawn = redraw(self.coverage, self.redrawn, self.drawn)
        found = records(self.coverage, self.made, issued=self.issuer.issued)
        return replace(found, gone=redrawn.gone, new=redrawn.new)

    def _sides(self, code: str) -> dict[int, float]:
        """Return the area of a division on each side."""
        found: dict[int, float] = defaultdict(float)
        for finest in self.coverage.tree.finest_below([code]):
            for part, side in self.parts[finest]:
                found[side] += part.shape.area
        return found

    def _divide(self, division: Division, parents: Mapping[int, str | None], *, first: int | None = None) -> None:
        """Give a code to what lies of a division on each side, below these parents."""
        if self.coverage.tree.is_finest(division.code):
            self._divide_finest(division, parents, first)
            return
        sides = self._sides(division.code)
        kept = first if first is not None else max(sorted(sides), key=lambda side: sides[side])
        own = {kept: replace(division, parent=parents[kept])}
        for side in sorted(sides.keys() - {kept}):
            own[side] = self._new(division, parents[side])
        self.made += own.values()
        for child in sorted(self.coverage.tree.children.get(division.code, ())):
            self._divide(self.coverage.divisions[child], {side: one.code for side, one in own.items()})

    def _divide_finest(self, division: Division, parents: Mapping[int, str | None], first: int | None) -> None:
        """Give a code to each piece of one of the finest divisions; parts that it had stay together."""
        code, parts = division.code, self.parts[division.code]
        apart = division.parts > 1
        grouped = _by_side(parts) if apart else [(side, [part.shape]) for part, side in parts]
        grouped.sort(key=lambda group: (group[0] != first, -sum(shape.area for shape in group[1])))
        own = [replace(division, parent=parents[grouped[0][0]])]
        own += [self._new(division, parents[side]) for side, _ in grouped[1:]]
        self.made += own
        if len(grouped) > 1 or code in self.cut:
            self.drawn += [(one.code, shape) for one, (_, shapes) in zip(own, grouped, strict=True) for shape in shapes]
            self.redrawn.add(code)

    def _new(self, division: Division, parent: str | None) -> Division:
        code = self.issuer.next()
        number = 2 + sum(one.name.startswith(f"{division.name}-") for one in self.made)
        return replace(division, code=code, name=f"{division.name}-{number}", parent=parent, locked=False, parts=1)
