"""Where a simulated day's incidents come from, by what the county's own server says of it."""

from collections import Counter

import numpy as np

from ingest.simulator.locations import IncidentLocations
from ingest.simulator.running import spots_of
from tests.worlds import NOW

DIVISIONS = [
    {"code": "few", "lon": 120.60, "lat": 31.10, "households": 10},
    {"code": "many", "lon": 120.70, "lat": 31.10, "households": 90},
    {"code": "untold", "lon": 120.80, "lat": 31.10, "households": None},
]


def test_more_incidents_come_from_where_more_people_live() -> None:
    weights = [spot.weight for spot in spots_of(DIVISIONS)]
    assert weights == [10, 90, 50], "one that tells nothing is as usual"


def test_they_fall_by_weight_and_not_by_area() -> None:
    locations, rng = IncidentLocations(spots_of(DIVISIONS[:2]), seed=1), np.random.default_rng(1)
    found = Counter(round(locations.draw(NOW, rng)[0], 1) for _ in range(4000))
    assert found[120.7] > 3 * found[120.6]
