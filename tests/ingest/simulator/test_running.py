"""Spots of simulated incidents, from the divisions that the server returns."""

from collections import Counter

import numpy as np

from ingest.simulator.locations import IncidentLocations
from ingest.simulator.running import spots_of
from tests.worlds import NOW

DIVISIONS = [
    {"code": "few", "lon": 120.60, "lat": 31.10, "households": 10},
    {"code": "many", "lon": 120.70, "lat": 31.10, "households": 90},
    {"code": "unknown", "lon": 120.80, "lat": 31.10, "households": None},
]


def test_spots_are_weighted_by_households() -> None:
    weights = [spot.weight for spot in spots_of(DIVISIONS)]
    assert weights == [10, 90, 50], "an unknown number is the median"


def test_incidents_are_drawn_by_weight_and_not_by_area() -> None:
    locations, rng = IncidentLocations(spots_of(DIVISIONS[:2]), seed=1), np.random.default_rng(1)
    found = Counter(round(locations.draw(NOW, rng)[0], 1) for _ in range(4000))
    assert found[120.7] > 3 * found[120.6]
