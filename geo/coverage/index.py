"""Find the finest divisions of a coverage by place, with the index of the coverage that it came from by patches.

To index a county takes some milliseconds: while a line is dragged, only what differs is indexed anew.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Rows = NDArray[np.int64]


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

    def query(self, geometry: Any, *, within: float | None = None) -> Rows:
        """Return the rows that a geometry meets, or comes near `within` some degrees; of several geometries, pairs of
        theirs and the rows', as an STRtree does.
        """
        found = _with_rows(_found(self.tree, geometry, within), self._now)
        if self._differing is None:
            return found
        return np.concatenate([found, _with_rows(_found(self._differing, geometry, within), self._rows)], axis=-1)


def _found(tree: shapely.STRtree, geometry: Any, within: float | None) -> Any:
    if within is None:
        return tree.query(geometry, predicate="intersects")
    return tree.query(geometry, predicate="dwithin", distance=within)


def _with_rows(found: Any, rows: Rows) -> Rows:
    """Put the row of each polygon for its place in the tree, without those that have none."""
    *which, at = np.atleast_2d(np.asarray(found, dtype=np.int64))
    there = rows[at] >= 0
    pairs = [*(one[there] for one in which), rows[at][there]]
    return np.stack(pairs) if which else pairs[0]
