"""Locations of simulated incidents."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ingest.simulator.locations import HOT_SHARE, IncidentLocations, Spot, metres_between, shifted

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
SPOTS = [Spot(120.0 + i / 20, 31.0, spread_m=80, weight=4.0 if i == 0 else 1.0) for i in range(40)]


def nearest(lon: float) -> int:
    return min(range(len(SPOTS)), key=lambda i: abs(SPOTS[i].lon - lon))


def test_heavier_spots_have_more_incidents() -> None:
    locations, rng = IncidentLocations(SPOTS, seed=1), np.random.default_rng(1)
    days = [AT + timedelta(days=2 * i) for i in range(200)]
    found = Counter(nearest(locations.draw(at, rng)[0]) for at in days for _ in range(20))
    others = np.mean([found[i] for i in range(1, len(SPOTS))])
    assert found[0] / others == pytest.approx(4, rel=0.3)


def test_hot_spots_have_more_incidents_and_change_over_days() -> None:
    locations, rng = IncidentLocations(SPOTS, seed=1), np.random.default_rng(1)
    hot = {nearest(spot.lon) for spot in locations.hot_spots(AT)}
    found = Counter(nearest(locations.draw(AT, rng)[0]) for _ in range(2000))
    assert sum(found[i] for i in hot) / 2000 > HOT_SHARE
    assert locations.hot_spots(AT) == locations.hot_spots(AT + timedelta(minutes=1))
    assert {s.lon for s in locations.hot_spots(AT)} != {s.lon for s in locations.hot_spots(AT + timedelta(days=2))}


def test_metres_and_degrees_convert_there_and_back() -> None:
    lon, lat = shifted(120.6, 31.1, east=300, north=-400)
    assert metres_between((120.6, 31.1), (lon, lat)) == pytest.approx((300, -400), abs=0.1)
