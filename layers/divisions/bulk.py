"""Locate many thousands of points at once, over boundaries that are read once.

PostgreSQL reads the outlines of county and town anew for each point, which takes longer than storing what lies there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from layers.divisions.queries import Located, located_among
from layers.divisions.tables import Division

Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """All divisions within a session's reach, of all days: parallel to the geometries of `tree`.

    `valid_from` and `valid_to` are ordinals of days.
    """

    tree: shapely.STRtree
    divisions: Sequence[tuple[str, str, str]]
    valid_from: Days
    valid_to: Days
    _known: dict[bytes, Located | None] = field(default_factory=dict)

    def locate(self, points: Sequence[tuple[float, float]], *, days: Sequence[date]) -> list[Located | None]:
        """Return what `queries.locate` returns for each (lon, lat) on its day."""
        at, among = self.tree.query(shapely.points(np.asarray(points, dtype=np.float64)), predicate="intersects")
        day = np.fromiter((each.toordinal() for each in days), dtype=np.int64, count=len(days))[at]
        in_force = (self.valid_from[among] <= day) & (day < self.valid_to[among])
        at, among = at[in_force], among[in_force]
        order = np.lexsort((among, at))
        starts = np.searchsorted(at[order], np.arange(len(points) + 1))
        around = among[order]
        return [self._located(around[i:j]) for i, j in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)]

    def _located(self, around: NDArray[np.int64]) -> Located | None:
        """Choose among divisions around a point. Neighbouring points have the same ones, and share the answer."""
        key = around.tobytes()
        if key not in self._known:
            chosen = [self.divisions[i] for i in around.tolist()]
            self._known[key] = located_among({path: (level, code) for path, level, code in chosen})
        return self._known[key]


async def read_boundaries(session: AsyncSession) -> Boundaries:
    """Read the boundaries within the session's reach."""
    columns = (Division.division_path, Division.level, Division.code, Division.valid_from, Division.valid_to)
    rows = (await session.execute(select(*columns, func.ST_AsBinary(Division.geom)))).all()
    return Boundaries(
        tree=shapely.STRtree(shapely.from_wkb([bytes(row[5]) for row in rows])),
        divisions=[(row[0], row[1], row[2]) for row in rows],
        valid_from=np.array([row[3].toordinal() for row in rows], dtype=np.int64),
        valid_to=np.array([(row[4] or date.max).toordinal() for row in rows], dtype=np.int64),
    )
