"""Carry counts that are known per division only, such as households, to other lines by area. Pure.

Each division's count is spread over the land that its land became, in proportion to area and in whole numbers, so that
no total changes. Where a division became one other, or several became one, that is exact; else it is an estimate.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from console.planning.touching import Touched
from geo.coverage.topology import Coverage

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
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


def carry(before: Coverage, after: Coverage, change: Touched) -> Spread:
    """Return how counts are carried from the lines before to those after."""
    rows = {code: i for i, code in enumerate(before.finest)}
    targets = {code: i for i, code in enumerate(after.finest)}
    drawn = {*change.drawn}
    same = [code for code in after.finest if code not in drawn]
    kept = np.array([rows[code] for code in same], dtype=np.int64), np.array([targets[c] for c in same], dtype=np.int64)
    sources, estimated = [], set[str]()
    new = np.array([after.shapes[code] for code in change.drawn], dtype=object)
    for code in change.redrawn:
        common = shapely.area(shapely.intersection(new, before.shapes[code]))
        at = np.flatnonzero(common > ROUNDING * before.shapes[code].area)
        becomes = [change.drawn[i] for i in at.tolist()]
        sources.append((rows[code], np.array([targets[one] for one in becomes], dtype=np.int64), common[at]))
        estimated |= {*becomes} if len(becomes) > 1 else set()
    return Spread(len(after.finest), kept, sources, frozenset(estimated))


def share_out(count: int, shares: Floats) -> Ints:
    """Split a count into whole numbers in proportion to shares: of what is left over, the largest remainders get one
    each, the first of equal ones.
    """
    exact = count * shares / shares.sum()
    whole: Ints = np.floor(exact).astype(np.int64)
    left = count - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
    return whole
