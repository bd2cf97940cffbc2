"""The cells of a hotspot view with their neighbours and households: the part that stays the same while counts
change.
"""

from dataclasses import dataclass, field

import numpy as np

from geo.cells import Cells, adjacency
from geo.statistics import Floats, Neighbourhoods


@dataclass(frozen=True, slots=True)
class CellSet:
    """Cells of one resolution, ascending; `households` has one entry a cell, or is None where none are known."""

    res: int
    cells: Cells
    neighbourhoods: Neighbourhoods
    households: Floats | None

    def places(self, cells: Cells) -> Cells:
        """Return the index of each of `cells`, all of which must be among these."""
        return np.searchsorted(self.cells, cells).astype(np.int64)

    def lacks(self, cells: Cells) -> bool:
        return not bool(np.isin(cells, self.cells).all())


@dataclass(frozen=True, slots=True)
class Exposures:
    """Households of cells: parallel arrays, empty where none are known."""

    cells: Cells
    households: Floats


def cell_set_of(cells: Cells, *, res: int, exposed: Exposures) -> CellSet:
    """Build the set from cells in any order; duplicates count once."""
    ascending = np.unique(cells)
    return CellSet(res, ascending, Neighbourhoods(adjacency(ascending)), _households(ascending, exposed))


def _households(cells: Cells, exposed: Exposures) -> Floats | None:
    inside = np.isin(exposed.cells, cells)
    if not inside.any():
        return None
    places = np.searchsorted(cells, exposed.cells[inside])
    return np.bincount(places, weights=exposed.households[inside], minlength=len(cells)).astype(np.float64)


@dataclass(slots=True)
class CellSets:
    """Cache by reader's division, resolution, and version of boundaries and households. One per process.

    Finding a county's cells and their neighbours takes a fifth of a second, and a view is read every few. An earlier
    day's boundaries, which a replay reads, have an entry of their own.
    """

    limit: int = 64
    _kept: dict[tuple[str, int, str], CellSet] = field(default_factory=dict)

    def get(self, scope: str, res: int, *, version: str) -> CellSet | None:
        return self._kept.get((scope, res, version))

    def put(self, scope: str, cell_set: CellSet, *, version: str) -> None:
        self._kept.pop((scope, cell_set.res, version), None)
        self._kept[scope, cell_set.res, version] = cell_set
        while len(self._kept) > self.limit:
            self._kept.pop(next(iter(self._kept)))
