"""Carry counts that are known per division only, such as households, to other lines by area. Pure.

Each division's count is spread over the land that its land became, in proportion to area and in whole numbers, so that
no total changes. Where a division became one other, or several became one, that is exact; else it is an estimate.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from console.planning.touching import Touched
from geo.coverage.topology import Coverage

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Part = tuple[Sequence[str], Floats]
"""Codes after, and the area of a division's land before that each of them got."""
ROUNDING = 1e-9
"""Share of a division's land below which it is the rounding of coordinates."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How counts of the finest divisions before become those after. The last row of counts is for nowhere.

    `kept` pairs rows whose land is the same; `sources` are rows before, each with the rows after and shares of its land
    that it became. `estimated` are codes after that got part of another's count.
    """

    size: int
    kept: tuple[Ints, Ints]
    sources: Sequence[tuple[int, Ints, Floats]]
    estimated: frozenset[str]
    parts: Mapping[str, Part]

    def of(self, counts: Ints) -> Ints:
        """Carry counts; -1 is unknown. What comes from several is the sum of those known."""
        found = np.full(self.size + 1, -1, dtype=np.int64)
        found[-1] = 0
        found[self.kept[1]] = counts[self.kept[0]]
        for source, targets, shares in self.sources:
            if counts[source] >= 0:
                found[targets] = np.maximum(found[targets], 0) + share_out(int(counts[source]), shares)
        return found

    def error_of(self, counts: Ints, rows: Collection[int]) -> int:
        """Return by how much the carried count of some rows together may be wrong at most: all of a division that they
        hold a part of may lie in that part, or none. 0 where they hold no part.
        """
        held, left = 0, 0
        for source, targets, shares in self.sources:
            inside = np.isin(targets, [*rows])
            if counts[source] > 0 and inside.any() and not inside.all():
                parts = share_out(int(counts[source]), shares)
                held += int(parts[inside].sum())
                left += int(parts[~inside].sum())
        return max(held, left)


@dataclass(frozen=True, slots=True)
class Nearby:
    """How counts were carried to other lines, and the boxes of what is not the same there."""

    spread: Spread
    moved: Floats

    def parts(self, before: Coverage) -> Mapping[str, Part]:
        """Return the parts of divisions before whose box meets none of those: they are the same."""
        boxes = {code: before.shapes[code].bounds for code in self.spread.parts}
        return {code: self.spread.parts[code] for code, box in boxes.items() if not _meet(self.moved, box).any()}


def carry(before: Coverage, after: Coverage, change: Touched, *, near: Nearby | None = None) -> Spread:
    """Return how counts are carried from the lines before to those after. What is known of lines `near` to these saves
    work, and changes nothing.
    """
    kept = before.rows_without(change.redrawn), after.rows_without(change.drawn)
    known = near.parts(before) if near else {}
    new = np.array([after.shapes[code] for code in change.drawn], dtype=object)
    parts = {code: known.get(code) or _parts(before.shapes[code], change.drawn, new) for code in change.redrawn}
    sources = [
        (before.rows[code], np.array([after.rows[one] for one in becomes], dtype=np.int64), areas)
        for code, (becomes, areas) in parts.items()
    ]
    estimated = {one for becomes, _ in parts.values() if len(becomes) > 1 for one in becomes}
    return Spread(len(after.finest), kept, sources, frozenset(estimated), parts)


def _parts(shape: BaseGeometry, codes: Sequence[str], shapes: NDArray[np.object_]) -> Part:
    """Return the divisions that a division became, and the area of its land that each got."""
    near = np.flatnonzero(_meet(shapely.bounds(shapes), shape.bounds))
    common = np.zeros(len(shapes))
    common[near] = shapely.area(shapely.intersection(shapes[near], shape))
    at = np.flatnonzero(common > ROUNDING * shape.area)
    return tuple(codes[i] for i in at.tolist()), common[at]


def _meet(boxes: Floats, box: Sequence[float]) -> NDArray[np.bool_]:
    """Tell which boxes (west, south, east, north) meet another one."""
    met = (boxes[:, 0] <= box[2]) & (boxes[:, 2] >= box[0]) & (boxes[:, 1] <= box[3]) & (boxes[:, 3] >= box[1])
    return np.asarray(met)


def share_out(count: int, shares: Floats) -> Ints:
    """Split a count into whole numbers in proportion to shares: of what is left over, the largest remainders get one
    each, the first of equal ones.
    """
    exact = count * shares / shares.sum()
    whole: Ints = np.floor(exact).astype(np.int64)
    left = count - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
    return whole
