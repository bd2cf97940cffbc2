"""Movement of simulated forces."""

import itertools
from math import hypot

import numpy as np
import pytest

from ingest.simulator.locations import metres_between, shifted
from ingest.simulator.walking import FASTEST_KMH, STROLL_M, Walker

HOME = (120.6, 31.1)


def apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    return hypot(*metres_between(a, b))


@pytest.mark.parametrize("kmh", [5.0, 108.0, 5000.0])
def test_a_force_arrives_without_teleporting(kmh: float) -> None:
    walker, rng = Walker(HOME, "ebike", HOME), np.random.default_rng(1)
    target = shifted(*HOME, east=2000, north=1500)
    walker.send(target, rng)
    steps = 0
    while not walker.has_arrived:
        before = walker.at
        walker.move(2.5, kmh=kmh)
        assert apart(before, walker.at) / 2.5 * 3.6 <= min(kmh, FASTEST_KMH) + 20
        steps += 1
        assert steps < 2000
    assert apart(walker.at, target) < 1


def test_the_route_is_longer_than_a_straight_line_but_not_by_half() -> None:
    walker = Walker(HOME, "car", HOME)
    target = shifted(*HOME, east=3000, north=0)
    walker.send(target, np.random.default_rng(3))
    way = [HOME, *walker.waypoints]
    length = sum(apart(a, b) for a, b in itertools.pairwise(way))
    assert 1.1 * 3000 < length < 1.5 * 3000


def test_an_idle_force_strolls_and_pauses_near_home() -> None:
    walker, rng = Walker(HOME, "walk", HOME), np.random.default_rng(2)
    speeds = []
    for _ in range(800):
        walker.idle(18, rng, kmh=20)
        speeds.append(walker.speed_mps)
        assert apart(walker.at, HOME) <= STROLL_M["walk"] + 1
    assert 0 in speeds
    assert max(speeds) < 1.5
    assert len({round(s, 1) for s in speeds}) > 2


def test_a_force_far_from_home_returns_at_its_travel_speed() -> None:
    walker, rng = Walker(HOME, "ebike", shifted(*HOME, east=5000, north=0)), np.random.default_rng(2)
    for _ in range(80):
        walker.idle(18, rng, kmh=60)
    assert apart(walker.at, HOME) < 1000
