"""Which division a point belongs to: one rule for the draft, the database, and all who count."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from geo.coverage.edges import Point
from geo.coverage.topology import Coverage

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
    given = np.asarray(shapely.points(points), dtype=object) if len(points) else np.array([], dtype=object)
    point, at = coverage.index.query(given, predicate="intersects")
    rank = _ranks(coverage, at.tolist())
    found: list[str | None] = [None] * len(points)
    first: dict[int, tuple[float, str]] = {}
    for i, which in zip(point.tolist(), at.tolist(), strict=True):
        first[i] = min(first.get(i, (0.0, FURTHEST)), (0.0, rank[which]))
    bare = [i for i in range(len(points)) if i not in first]
    near, at = coverage.index.query(given[bare], predicate="dwithin", distance=SLIT_DEGREES)
    rank |= _ranks(coverage, at.tolist())
    for i, which in zip(near.tolist(), at.tolist(), strict=True):
        away = float(shapely.distance(given[bare[i]], coverage.polygons[which]))
        first[bare[i]] = min(first.get(bare[i], (np.inf, FURTHEST)), (away, rank[which]))
    for i, (_, path) in first.items():
        found[i] = path.rpartition(".")[2]
    return found


FURTHEST = "\U0010ffff"
"""Comes after every path."""


def _ranks(coverage: Coverage, which: Iterable[int]) -> dict[int, str]:
    """Return the paths of some of the finest divisions by number."""
    return {i: coverage.tree.path(coverage.finest[i]) for i in set(which)}
