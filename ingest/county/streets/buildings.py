"""Made-up buildings in the middles of towns: rows of them in each cell, off its border and its lane."""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree
from shapely.geometry import LineString, Polygon

from geo.coverage.edges import Point as Spot
from ingest.county.streets.drawing import SPARSE_M2
from ingest.county.streets.land import Land, outline
from ingest.county.streets.street import Street

CENTRE_M = 600.0
"""Cells whose middle is nearer to a town's than this have buildings."""
SET_BACK_M, FROM_STREET_M = 9.0, 6.0
STEP_M = (26.0, 21.0)
"""From one building to the next in a row, and from row to row."""
LEAST_M, MOST_M = (10.0, 8.0), (20.0, 14.0)
"""Length and width of a building."""
STANDING = 0.85
"""Share of places in a row that are built on."""


def buildings(land: Land, streets: Sequence[Street], *, seed: int) -> Iterator[tuple[Spot, ...]]:
    """Yield the outline of each building."""
    seats = [land.seat(one.code) for one in land.named.values() if one.level == "town"]
    codes = [code for code, area in land.areas.items() if area < SPARSE_M2]
    if not seats or not codes:
        return
    apart, _ = KDTree(land.plane.to_metres(seats)).query(land.plane.to_metres([*map(land.middle, codes)]))
    lines = shapely.STRtree([LineString(land.plane.to_metres(street.line)) for street in streets])
    for nth in np.flatnonzero(apart < CENTRE_M).tolist():
        ground = land.plane.flatten(land.cells[codes[nth]].polygon)
        built = _rows(ground, rng=np.random.default_rng([seed, 11, nth]))
        near, _ = lines.query(built, predicate="dwithin", distance=FROM_STREET_M)
        for one in np.delete(built, near):
            yield outline(shapely.transform(one, land.plane.to_degrees))


def _rows(ground: Polygon, *, rng: np.random.Generator) -> NDArray[np.object_]:
    """Return rows of buildings within a cell (metres), along its longer side."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))[:3]
    one, other = np.diff(corners, axis=0)
    along = max(one, other, key=lambda side: float(np.hypot(*side)))
    along /= np.hypot(*along)
    turned = np.array([along, [-along[1], along[0]]])
    middle = corners[[0, 2]].mean(axis=0)
    reach = float(np.hypot(*(corners[2] - corners[0]))) / 2
    at = np.stack(np.meshgrid(*(np.arange(-reach, reach, step) for step in STEP_M)), axis=-1).reshape(-1, 2)
    half = rng.uniform(LEAST_M, MOST_M, at.shape) / 2
    stands = rng.random(len(at)) < STANDING
    at, half = at[stands], half[stands]
    boxes = np.asarray(shapely.box(*(at - half).T, *(at + half).T), dtype=object)
    found = np.asarray(shapely.transform(boxes, lambda metres: metres @ turned + middle))
    within = shapely.covers(shapely.buffer(ground, -SET_BACK_M), found)
    return found[within]
