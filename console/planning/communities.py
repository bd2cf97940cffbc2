"""Communities 小区、自然村 that the lines of grids split. Pure.

A community is split where two grids or more have a part of it. It counts once, in the smallest division that has most
of it, so that the sum over the divisions of a level is the whole's.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from console.planning.homes import grid_of
from geo.coverage.topology import Coverage

PART = 0.05
"""Share of a community's land that a grid has at least to have a part of it: less is how its outline was drawn."""
Splits = tuple[str | None, ...]
"""For each community the smallest division that it counts in; None where it is not split."""


@dataclass(frozen=True)
class Communities:
    """The outlines of communities, in degrees."""

    shapes: Sequence[BaseGeometry]

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._array)

    @cached_property
    def _array(self) -> NDArray[np.object_]:
        found = np.empty(len(self.shapes), dtype=object)
        found[:] = list(self.shapes)
        return found

    def splits(self, coverage: Coverage) -> Splits:
        """Return where each community counts."""
        return self._again((None,) * len(self.shapes), coverage, range(len(self.shapes)))

    def splits_after(self, known: Splits, coverage: Coverage, touched: NDArray[np.object_]) -> Splits:
        """Return where each community counts after a change of the smallest divisions of some shapes."""
        if not len(touched) or not self.shapes:
            return known
        _, near = self.tree.query(touched, predicate="intersects")
        return self._again(known, coverage, np.unique(near).tolist())

    def _again(self, known: Splits, coverage: Coverage, which: Collection[int]) -> Splits:
        found = list(known)
        at = sorted(which)
        one, other = coverage.index.query(self._array[at])
        shared = shapely.area(shapely.intersection(self._array[at][one], coverage.polygons[other]))
        parts: dict[int, dict[str, float]] = defaultdict(dict)
        for i, j, area in zip(one.tolist(), other.tolist(), shared.tolist(), strict=True):
            parts[at[i]][coverage.finest[j]] = area
        for i in at:
            found[i] = _home(coverage, parts[i], self.shapes[i].area)
        return tuple(found)


def _home(coverage: Coverage, parts: dict[str, float], whole: float) -> str | None:
    by_grid: dict[str, float] = defaultdict(float)
    for code, area in parts.items():
        by_grid[grid_of(coverage, code) or code] += area
    if sum(area >= PART * whole for area in by_grid.values()) < 2:
        return None
    return max(sorted(parts), key=lambda code: parts[code])
