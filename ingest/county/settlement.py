"""Population density of a generated county: towns with a core and outskirts, hamlets between them, open land."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from shapely.geometry import Polygon

from geo.plane import Plane
from geo.tiling import Floats, scatter
from ingest.county.terms import Seat

OPEN_LAND = 0.45
CORE, CORE_M = 5.0, 1100.0
OUTSKIRTS, OUTSKIRTS_M = 1.2, 3300.0
HAMLET, HAMLET_M = 1.4, 420.0


@dataclass(frozen=True, slots=True)
class Settlement:
    """Town seats (n × 2, metres) with their weights, and hamlets (m × 2, metres)."""

    seats: Floats
    weights: Floats
    hamlets: Floats

    def density(self, points: Floats) -> Floats:
        """Return the relative density at points (metres)."""
        apart, _ = KDTree(self.hamlets).query(points)
        return np.asarray(OPEN_LAND + self._of_towns(points) + HAMLET * np.exp(-((apart / HAMLET_M) ** 2) / 2))

    def urbanity(self, points: Floats) -> Floats:
        """Return the degree of urbanisation: 0 in open land to 1 in the centre of the densest town."""
        towns = self._of_towns(points)
        return np.asarray(towns / (towns + CORE / 2))

    def _of_towns(self, points: Floats) -> Floats:
        squared = ((points[:, None, :] - self.seats) ** 2).sum(axis=2)
        core, outskirts = (np.exp(-squared / (2 * metres**2)) for metres in (CORE_M, OUTSKIRTS_M))
        return np.asarray(((CORE * core + OUTSKIRTS * outskirts) * self.weights).sum(axis=1))


def settle_county(
    outline: Polygon, plane: Plane, seats: tuple[Seat, ...], *, hamlets: int, rng: np.random.Generator
) -> Settlement:
    """Place towns at their seats and `hamlets` evenly between them."""

    def even(points: Floats) -> Floats:
        return np.ones(len(points))

    return Settlement(
        seats=plane.to_metres([(seat.lon, seat.lat) for seat in seats]),
        weights=np.array([seat.density for seat in seats]),
        hamlets=scatter(outline, plane, count=hamlets, density=even, rng=rng),
    )


def share_out(total: int, weights: Floats) -> NDArray[np.int64]:
    """Share out `total` in whole numbers by `weights`, by largest remainders: they add up to it exactly."""
    exact = total * weights / weights.sum()
    shares: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    largest = np.argsort(shares - exact, kind="stable")[: total - int(shares.sum())]
    shares[largest] += 1
    return shares
