"""The cells that a view is about, with their neighbours and households: what stays the same while counts change."""

from dataclasses import dataclass, field

import numpy as np

from geo.cells import Cells, adjacency
from geo.statistics import Floats, Neighbourhoods


@dataclass(frozen=True, slots=True)
class Area:
    """Cells of one resolution, ascending; `households` has one entry a cell, or is None where nothing is known."""

    res: int
    cells: Cells
    neighbourhoods: Neighbourhoods
    households: Floats | None

    def places(self, cells: Cells) -> Cells:
        """The index of each of `cells`, all of which must be in the area."""
        return np.searchsorted(self.cells, cells).astype(np.int64)

    def lacks(self, cells: Cells) -> bool:
        return not bool(np.isin(cells, self.cells).all())


@dataclass(frozen=True, slots=True)
class Exposed:
    """Households of cells: parallel arrays. Empty where nothing is known."""

    cells: Cells
    households: Floats


def area_from(cells: Cells, *, res: int, exposed: Exposed) -> Area:
    """An area of exactly these cells, in ascending order and once each."""
    ascending = np.unique(cells)
    return Area(res, ascending, Neighbourhoods(adjacency(ascending)), _households(ascending, exposed))


def _households(cells: Cells, exposed: Exposed) -> Floats | None:
    inside = np.isin(exposed.cells, cells)
    if not inside.any():
        return None
    places = np.searchsorted(cells, exposed.cells[inside])
    return np.bincount(places, weights=exposed.households[inside], minlength=len(cells)).astype(np.float64)


@dataclass(slots=True)
class Areas:
    """The areas in use, by reader's division, resolution, and the version of lines and households.

    Finding a county's cells and who touches whom takes a fifth of a second; a view is asked for every few. An earlier
    day's lines, which a replay asks for, stand beside today's. Held by the server, one per process.
    """

    limit: int = 64
    _kept: dict[tuple[str, int, str], Area] = field(default_factory=dict)

    def get(self, scope: str, res: int, *, version: str) -> Area | None:
        return self._kept.get((scope, res, version))

    def put(self, scope: str, area: Area, *, version: str) -> None:
        self._kept.pop((scope, area.res, version), None)
        self._kept[scope, area.res, version] = area
        while len(self._kept) > self.limit:
            self._kept.pop(next(iter(self._kept)))
