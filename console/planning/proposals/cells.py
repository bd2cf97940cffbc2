"""Cells where there are no micro-grids; counts that are known per division only are shared out by area."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from console.planning.carrying import share_out
from console.planning.counts import Ints, Tally, tally
from geo.coverage.evening.cells import with_cells
from geo.coverage.topology import Coverage

CELLS, FEWEST, MOST = 1_000, 8, 24
"""Cells of a search, about, and of each division at least and at most: more are drawn finer, and searched longer."""


def cells_of(coverage: Coverage, counts: Tally, groups: Sequence[str]) -> Tally:
    """Return the counts on cells of some finest divisions. Raises `Crosses`."""
    of_each = min(max(CELLS // len(groups), FEWEST), MOST)
    cells = with_cells(coverage, groups, of_each=of_each)
    facts = replace(
        counts.facts,
        households=_shared(coverage, cells, counts.households),
        enterprises=_shared(coverage, cells, counts.enterprises),
    )
    return tally(cells, facts)


def _shared(coverage: Coverage, cells: Coverage, counts: Ints) -> Mapping[str, int | None]:
    found: dict[str, int | None] = {}
    known = dict(zip(coverage.finest, counts.tolist(), strict=False))
    for code in {one.parent or "" for one in cells.divisions.values()} & coverage.shapes.keys():
        below = cells.tree.children[code]
        areas = shapely.area(np.array([cells.shapes[cell] for cell in below], dtype=object))
        if known[code] >= 0:
            found |= dict(zip(below, share_out(known[code], areas).tolist(), strict=True))
    return found
