"""When incidents come in: a place's yearly figures laid over its week and its day. Pure, and the same for one seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ingest.simulator.terms import TrafficTerms

ARRIVALS = 1


@dataclass(frozen=True, slots=True)
class Arrival:
    """An incident that comes in: when (UTC), of which category, and the how manieth of its local day from 0."""

    at: datetime
    day: date
    category: str
    number: int


def arrivals_of(traffic: TrafficTerms, day: date, *, zone: ZoneInfo, seed: int) -> list[Arrival]:
    """The incidents of one local day, in their order. Each day has its own randomness: one day can be made alone."""
    rng = np.random.default_rng([seed, ARRIVALS, day.toordinal()])
    expected = traffic.expected_on(day)
    counts = rng.poisson(list(expected.values()))
    categories = [c for c, count in zip(expected, counts, strict=True) for _ in range(count)]
    hours = rng.choice(24, size=len(categories), p=np.array(traffic.hourly) / sum(traffic.hourly))
    seconds = np.sort(hours * 3600 + rng.uniform(0, 3600, len(categories)))
    rng.shuffle(categories)
    midnight = datetime.combine(day, time(), tzinfo=zone)
    return [
        Arrival(at=_after(midnight, second), day=day, category=category, number=number)
        for number, (second, category) in enumerate(zip(seconds, categories, strict=True))
    ]


def _after(midnight: datetime, second: float) -> datetime:
    """So many seconds after midnight by the clock on the wall; on the day the clocks change, an hour of it is one."""
    wall = midnight.replace(tzinfo=None) + timedelta(seconds=float(second))
    return wall.replace(tzinfo=midnight.tzinfo).astimezone(UTC)


def arrivals_from(traffic: TrafficTerms, start: datetime, *, zone: ZoneInfo, seed: int) -> Iterator[Arrival]:
    """All incidents after `start`, without end."""
    day = start.astimezone(zone).date()
    while True:
        yield from (arrival for arrival in arrivals_of(traffic, day, zone=zone, seed=seed) if arrival.at > start)
        day += timedelta(days=1)
