"""Spots of simulated incidents, from the divisions that the server returns, and the hours of a simulated day."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from operator import attrgetter

import numpy as np
import pytest

from api.keeping.commands.simulate import traffic_of
from ingest.simulator.desk import LEFT_TO_PERSON, PERSON_DEADLINE, Waiting, incidents_to_serve
from ingest.simulator.locations import IncidentLocations
from ingest.simulator.rates import Arrival, arrivals_from
from ingest.simulator.reports import Reporter, is_simulated
from ingest.simulator.running import busy_day, simulated_start, spots_of
from tests.worlds import NOW, PACK

SPEED, SEATS = 60.0, 2

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


@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("speed", [1.0, 60.0])
def test_a_demo_day_has_no_night_whenever_it_is_started(hour: int, speed: float) -> None:
    started = datetime(2026, 3, 2, hour, 30, tzinfo=PACK.zone).astimezone(UTC)
    start = simulated_start(started, PACK.zone, speed=speed)
    arrivals = busy_day(arrivals_from(traffic_of(PACK), start, zone=PACK.zone, seed=7), zone=PACK.zone)
    times = [arrival.at for arrival in takewhile(lambda one: one.at < start + timedelta(hours=30), arrivals)]
    assert times == sorted(times)
    pauses = [later - earlier for earlier, later in pairwise([start, *times, start + timedelta(hours=30)])]
    assert max(pauses) < timedelta(minutes=30)
    assert start <= started or speed > 1


def test_a_simulated_number_is_the_reporters_own() -> None:
    locations = IncidentLocations(spots_of(DIVISIONS), seed=1)
    reporter = Reporter(traffic_of(PACK), locations, seed=7, run="6745c9a1-")
    arrival = Arrival(at=NOW, day=NOW.date(), category="hazard.fire", number=12)
    assert all(is_simulated(report) for report in reporter.report(arrival, occurred_at=NOW))


def test_half_an_hour_of_the_demo_neither_empties_nor_floods_the_persons_queue() -> None:
    """By a clock of its own, at the demo's speed: what comes in, and what the simulated operators take, second by
    second. Nobody sits at the screen.
    """
    start = simulated_start(NOW, PACK.zone, speed=SPEED)
    arrivals = busy_day(arrivals_from(traffic_of(PACK), start, zone=PACK.zone, seed=7), zone=PACK.zone)
    coming = ((NOW + (arrival.at - start) / SPEED, number) for number, arrival in enumerate(arrivals))
    ahead, queue, lengths = next(coming), dict[int, Waiting](), []
    for second in range(30 * 60):
        now = NOW + timedelta(seconds=second)
        while ahead[0] <= now:
            queue[ahead[1]] = Waiting(ahead[1], registered_at=ahead[0], rank=ahead[1] % 3)
            ahead = next(coming)
        own = sorted(queue.values(), key=attrgetter("place"))[:LEFT_TO_PERSON]
        for number in incidents_to_serve(queue.values(), now=now, seats=SEATS):
            taken = queue.pop(number)
            assert taken not in own or now - taken.registered_at >= PERSON_DEADLINE
        lengths.append(len(queue))
    assert min(lengths[3 * 60 :]) >= LEFT_TO_PERSON - 2 and max(lengths) < 40, (min(lengths[180:]), max(lengths))
