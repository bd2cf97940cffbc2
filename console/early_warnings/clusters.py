"""Clusters in place and time of the last month, over all categories and in each that is frequent. Pure, and slow: a
second or so of a processor for each thousand incidents.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from console.early_warnings.queries import Placed
from console.early_warnings.rules import SCANNED_DAYS
from geo.cells import centre
from geo.plane import Plane
from geo.space_time_scan import Cluster, clusters

FEWEST_SCANNED = 50
"""A category with fewer incidents in the days searched is not searched by itself."""
BY_CHANCE = 0.05
"""How often chance alone makes any cluster in a week, over all categories together."""


@dataclass(frozen=True, slots=True)
class FoundCluster:
    """A cluster of one category, or of all (None), with its H3 cells, nearest to its centre first."""

    category: str | None
    cells: tuple[int, ...]
    cluster: Cluster


def find_clusters(placed: Placed, *, seed: int) -> list[FoundCluster]:
    """Search all categories together and each frequent one. The same incidents and `seed` find the same clusters."""
    names, kind, counts = np.unique(list(placed.categories), return_inverse=True, return_counts=True)
    frequent = [number for number in range(len(names)) if counts[number] >= FEWEST_SCANNED]
    if not frequent and len(placed.cells) < FEWEST_SCANNED:
        return []
    limit = BY_CHANCE / (1 + len(frequent))
    everywhere = np.ones(len(placed.cells), dtype=bool)
    searched = [(None, everywhere), *((str(names[number]), kind == number) for number in frequent)]
    return [found for category, chosen in searched for found in _search(placed, category, chosen, limit, seed)]


def _search(
    placed: Placed, category: str | None, chosen: np.ndarray, limit: float, seed: int
) -> Iterator[FoundCluster]:
    cells, where = np.unique(placed.cells[chosen], return_inverse=True)
    counts = np.zeros((len(cells), SCANNED_DAYS), dtype=np.int64)
    np.add.at(counts, (where, placed.days[chosen]), 1)
    lonlat = np.array([centre(int(cell)) for cell in cells])
    plane = Plane.at(shapely.MultiPoint(lonlat))
    for one in clusters(counts, plane.to_metres(lonlat), seed=seed, by_chance=limit):
        yield FoundCluster(category, tuple(int(cells[place]) for place in one.places), one)
