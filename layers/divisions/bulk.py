"""Locate many thousands of points at once, over boundaries that are read once.

PostgreSQL reads the outlines of county and town anew for each point, which takes longer than storing what lies there.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.coverage.owners import SLIT_DEGREES
from layers.divisions.queries import Located, add_near, located_among
from layers.divisions.tables import Division

Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """All divisions within a session's reach, of all days: parallel to the geometries of `tree`.

    `valid_from` and `valid_to` are ordinals of days, `depths` the numbers of levels above.
    """

    tree: shapely.STRtree
    divisions: Sequence[tuple[str, str, str]]
    valid_from: Days
    valid_to: Days
    depths: Days
    _known: dict[tuple[bytes, tuple[int, ...]], Located | None] = field(default_factory=dict)

    def locate(self, points: Sequence[tuple[float, float]], *, days: Sequence[date]) -> list[Located | None]:
        """Return what `queries.locate` returns for each (lon, lat) on its day."""
        shapes: NDArray[np.object_] = np.asarray(shapely.points(np.asarray(points, dtype=np.float64)))
        day = np.fromiter((each.toordinal() for each in days), dtype=np.int64, count=len(days))
        at, among = self.tree.query(shapes, predicate="intersects")
        at, among = self._in_force(at, among, day)
        order = np.lexsort((among, at))
        starts = np.searchsorted(at[order], np.arange(len(points) + 1)).tolist()
        around = among[order]
        of_point = [around[i:j] for i, j in pairwise(starts)]
        near = self._near(shapes, day, at, among)
        return [self._located(around, near.get(i, ())) for i, around in enumerate(of_point)]

    def _in_force(self, at: Days, among: Days, day: Days) -> tuple[Days, Days]:
        """Keep the pairs of point and division whose division is in force on the point's day."""
        kept = (self.valid_from[among] <= day[at]) & (day[at] < self.valid_to[among])
        return at[kept], among[kept]

    def _near(self, shapes: NDArray[np.object_], day: Days, at: Days, among: Days) -> dict[int, list[int]]:
        """Return by point the divisions beside it, in the order of `add_near`, where no deepest one is around it.

        `at` and `among` are the divisions around the points. Distances are measured to the others only: of those
        around, the county alone has more vertices than all grids beside a point.
        """
        deepest = np.full(len(shapes), -1)
        np.maximum.at(deepest, at, self.depths[among])
        bare = np.flatnonzero(deepest < self.depths.max(initial=0))
        beside, others = self.tree.query(shapely.buffer(shapes[bare], SLIT_DEGREES, quad_segs=1, cap_style="square"))
        beside, others = self._in_force(bare[beside], others, day)
        new = ~np.isin(beside * len(self.depths) + others, at * len(self.depths) + among)
        beside, others = beside[new], others[new]
        away = shapely.distance(shapes[beside], self.tree.geometries[others])
        paths = np.array([path for path, _, _ in self.divisions])
        near: dict[int, list[int]] = defaultdict(list)
        for i in np.lexsort((paths[others], away, self.depths[others])).tolist():
            if away[i] <= SLIT_DEGREES:
                near[int(beside[i])].append(int(others[i]))
        return near

    def _located(self, around: Days, near: Sequence[int]) -> Located | None:
        """Choose among divisions around and near a point. Points with the same ones share the answer."""
        key = around.tobytes(), tuple(near)
        if key not in self._known:
            found = {path: (level, code) for path, level, code in (self.divisions[i] for i in around.tolist())}
            for path, level, code in (self.divisions[i] for i in near):
                add_near(found, path, level=level, code=code)
            self._known[key] = located_among(found)
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
        depths=np.array([row[0].count(".") for row in rows], dtype=np.int64),
    )
