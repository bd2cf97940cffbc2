"""Find the finest divisions of a coverage by place, with the index of the coverage that it came from by patches.

To index a county takes some milliseconds: while a line is dragged, only what differs is indexed anew.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Predicate = Literal["intersects", "dwithin"]


class Index:
    """Finds rows of the finest divisions. `kept` pairs rows of the tree with rows now, `rows` are those of `differing`
    polygons.
    """

    def __init__(
        self,
        tree: shapely.STRtree,
        *,
        kept: tuple[Rows, Rows],
        differing: NDArray[np.object_] | None = None,
        rows: Sequence[int] = (),
    ) -> None:
        self.tree, self._now = tree, np.full(len(tree.geometries), -1, dtype=np.int64)
        self._now[kept[0]] = kept[1]
        self._rows = np.array(rows, dtype=np.int64)
        self._differing = None if differing is None or not len(differing) else shapely.STRtree(differing)

    def query(self, geometry: Any, *, predicate: Predicate, distance: float | None = None) -> Rows:
        """Return the rows that a geometry meets; of several geometries, pairs of theirs and the rows', as an STRtree
        does.
        """
        found = _with_rows(self.tree.query(geometry, predicate=predicate, distance=distance), self._now)
        if self._differing is None:
            return found
        more = _with_rows(self._differing.query(geometry, predicate=predicate, distance=distance), self._rows)
        return np.concatenate([found, more], axis=-1)


def _with_rows(found: Any, rows: Rows) -> Rows:
    """Put the row of each polygon for its place in the tree, without those that have none."""
    *which, at = np.atleast_2d(np.asarray(found, dtype=np.int64))
    there = rows[at] >= 0
    pairs = [*(one[there] for one in which), rows[at][there]]
    return np.stack(pairs) if which else pairs[0]
