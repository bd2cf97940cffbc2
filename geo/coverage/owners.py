"""Which division a point belongs to: one rule for the draft, the database, and all who count."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage.edges import Point
from geo.coverage.topology import Coverage

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NOWHERE = -1
SLIT_DEGREES = 2e-7
"""Width of a slit, 2 cm: divisions that were imported closer to each other than this are meant to touch."""


def owner_of(coverage: Coverage, point: Point) -> str | None:
    """Return the finest division that a point (lon, lat) belongs to; see `owners_of`."""
    return owners_of(coverage, [point])[0]


def owners_of(coverage: Coverage, points: Sequence[Point]) -> list[str | None]:
    """Return for each point (lon, lat) the finest division that it belongs to.

    Of several that it lies on the border of, the one whose path comes first: incidents are located by the same rule. A
    point beside all of them belongs to the nearest within `SLIT_DEGREES`; None beyond.
    """
    rows = owner_rows(coverage, np.array(points, dtype=np.float64).reshape(-1, 2)).tolist()
    return [None if row == NOWHERE else coverage.finest[row] for row in rows]


def owner_rows(coverage: Coverage, places: Floats) -> Ints:
    """Return for each place (n × 2, lon and lat) the row of the finest division that it belongs to, or `NOWHERE`."""
    given = np.asarray(shapely.points(places), dtype=object)
    owners = np.full(len(given), NOWHERE, dtype=np.int64)
    point, row = coverage.index.query(given)
    _choose(coverage, owners, point, row, np.zeros(len(row)))
    bare = np.flatnonzero(owners == NOWHERE)
    near, row = coverage.index.query(given[bare], within=SLIT_DEGREES)
    point = bare[near]
    _choose(coverage, owners, point, row, np.asarray(shapely.distance(given[point], coverage.polygons[row])))
    return owners


def _choose(coverage: Coverage, owners: Ints, point: Ints, row: Ints, away: Floats) -> None:
    """Give each point its only division, or the nearest of several, of equally near ones the first by path."""
    owners[point] = row
    among: dict[int, list[tuple[float, str, int]]] = defaultdict(list)
    several = np.flatnonzero(np.bincount(point, minlength=len(owners))[point] > 1)
    for i, which, far in zip(point[several].tolist(), row[several].tolist(), away[several].tolist(), strict=True):
        among[i].append((far, coverage.tree.path(coverage.finest[which]), which))
    for i, found in among.items():
        owners[i] = min(found)[2]
