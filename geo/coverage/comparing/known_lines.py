"""Put the draft's own lines in the place of those that a file has within a width of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage.comparing.rows import EditedRow
from geo.coverage.topology import Coverage
from geo.plane import Plane

Shapes = NDArray[np.object_]
Flags = NDArray[np.bool_]
NOISE_M = 0.1
"""Widest noise: two digitisers of one border differ by less. Beyond, a difference is meant, unless faults are there."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Shapes with the draft's own in the place of those that are `alike`."""

    shapes: Shapes
    alike: Flags


def restored(
    coverage: Coverage, rows: Sequence[EditedRow], shapes: Shapes, *, noise_m: float, limit_m: float
) -> Restored:
    """Return the shapes with those that differ from the draft's by at most `noise_m` as the draft has them, and with
    those beside faults, too, where they differ by at most `limit_m`.
    """
    own = own_codes(coverage, rows, shapes)
    at = np.array([i for i, code in enumerate(own) if code is not None], dtype=np.int64)
    known = np.array([coverage.shapes[code] for code in own if code is not None], dtype=object)
    made, alike = shapes.copy(), np.zeros(len(shapes), dtype=bool)
    if not at.size:
        return Restored(made, alike)
    near = are_alike(coverage.plane, shapes[at], known, width_m=noise_m)
    made[at[near]], alike[at[near]] = known[near], True
    faulty = beside_faults(coverage.plane, made, limit_m)
    wider = ~near & faulty[at]
    wider[wider] = are_alike(coverage.plane, shapes[at[wider]], known[wider], width_m=limit_m)
    made[at[wider]], alike[at[wider]] = known[wider], True
    return Restored(made, alike)


def own_codes(coverage: Coverage, rows: Sequence[EditedRow], shapes: Shapes) -> list[str | None]:
    """Return the code that each row has or, without one, that of the division in whose middle it lies.

    None for rows with an unknown code, or one that another row has, too.
    """
    given = Counter(row.code for row in rows if row.code)
    once = {code for code, times in given.items() if times == 1 and code in coverage.shapes}
    found = [row.code if row.code in once else None for row in rows]
    bare = [i for i, row in enumerate(rows) if not row.code]
    if not bare:
        return found
    point, which = coverage.index.query(shapely.point_on_surface(shapes[bare]))
    guessed = {bare[i]: coverage.finest[j] for i, j in zip(point.tolist(), which.tolist(), strict=True)}
    times = Counter(guessed.values())
    for i, code in guessed.items():
        found[i] = code if times[code] == 1 and code not in given else None
    return found


def are_alike(plane: Plane, ours: Shapes, theirs: Shapes, *, width_m: float) -> Flags:
    """Return which shapes (degrees) are the same drawn anew: no vertex of either is further off than the width."""
    if not len(ours):
        return np.zeros(0, dtype=bool)
    one, other = (shapely.transform(shapes, plane.to_metres) for shapes in (ours, theirs))
    return _lie_near(one, other, width_m) & _lie_near(other, one, width_m)


def _lie_near(shapes: Shapes, others: Shapes, width_m: float) -> Flags:
    borders = shapely.boundary(others)
    shapely.prepare(borders)
    vertices, of = shapely.get_coordinates(shapes, return_index=True)
    near = shapely.dwithin(borders[of], shapely.points(vertices), width_m)
    return np.asarray(np.bincount(of[~near], minlength=len(shapes)) == 0)


def beside_faults(plane: Plane, shapes: Shapes, width_m: float) -> Flags:
    """Return which shapes overlap, do not match their neighbours, or have a gap up to a width beside them."""
    flat = shapely.transform(shapes, plane.to_metres)
    return np.asarray(~shapely.is_empty(shapely.coverage_invalid_edges(flat, gap_width=width_m)))
