"""Draw locations of incidents: people's homes, and a few hot spots that last some hours. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

METRES_PER_DEGREE = 111_320.0
HOT_SPOTS = 2
SLOT_HOURS = 12
LIFE_SLOTS = 3
HOT_SHARE = 0.2
HOT_SPREAD_M = 140.0
HOT_SPOT_STREAM = 3


@dataclass(frozen=True, slots=True)
class Spot:
    """Area that incidents come from: its centre, their standard deviation from it in metres, and its weight."""

    lon: float
    lat: float
    spread_m: float
    weight: float


class IncidentLocations:
    """Draws locations of incidents by weight, and a share of them at the current hot spots.

    `HOT_SPOTS` new ones begin every `SLOT_HOURS` and last `LIFE_SLOTS` slots, so that hotspot layers show new,
    persistent and fading ones.
    """

    def __init__(self, spots: Sequence[Spot], *, seed: int) -> None:
        self._spots = list(spots)
        self._seed = seed
        self._until = np.cumsum([spot.weight for spot in spots], dtype=float)
        self._hot: dict[int, list[Spot]] = {}

    def hot_spots(self, at: datetime) -> list[Spot]:
        """Return the hot spots at a time."""
        slot = int(at.timestamp() // (SLOT_HOURS * 3600))
        return [spot for born in range(slot - LIFE_SLOTS + 1, slot + 1) for spot in self._born(born)]

    def _born(self, slot: int) -> list[Spot]:
        if slot not in self._hot:
            rng = np.random.default_rng([self._seed, HOT_SPOT_STREAM, slot])
            self._hot[slot] = [self._by_weight(rng) for _ in range(HOT_SPOTS)]
        return self._hot[slot]

    def _by_weight(self, rng: np.random.Generator) -> Spot:
        return self._spots[int(np.searchsorted(self._until, rng.random() * self._until[-1], side="right"))]

    def draw(self, at: datetime, rng: np.random.Generator) -> tuple[float, float]:
        """Draw longitude and latitude of an incident that is reported at a time."""
        if rng.random() < HOT_SHARE:
            hot = self.hot_spots(at)
            return _near(hot[int(rng.integers(len(hot)))], HOT_SPREAD_M, rng)
        spot = self._by_weight(rng)
        return _near(spot, spot.spread_m, rng)


def _near(spot: Spot, spread_m: float, rng: np.random.Generator) -> tuple[float, float]:
    """Draw a point about a spot. The normal distribution is clipped at two deviations, so that few leave their area."""
    east, north = np.clip(rng.normal(0, 1, 2), -2, 2) * spread_m
    return shifted(spot.lon, spot.lat, east=float(east), north=float(north))


def shifted(lon: float, lat: float, *, east: float, north: float) -> tuple[float, float]:
    """Move a point by metres to the east and north."""
    return (
        lon + east / (METRES_PER_DEGREE * float(np.cos(np.radians(lat)))),
        lat + north / METRES_PER_DEGREE,
    )


def metres_between(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    """Return metres to the east and north from one (lon, lat) to another, over a few kilometres."""
    middle = np.radians((a[1] + b[1]) / 2)
    return (b[0] - a[0]) * METRES_PER_DEGREE * float(np.cos(middle)), (b[1] - a[1]) * METRES_PER_DEGREE
