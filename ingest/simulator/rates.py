"""Draw times of incidents from yearly figures, weekday and hourly rates. Pure, and reproducible by seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ingest.simulator.terms import TrafficTerms

ARRIVALS = 1


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new incident: its time (UTC), local day, category, and its number within that day from 0."""

    at: datetime
    day: date
    category: str
    number: int


def arrivals_of(traffic: TrafficTerms, day: date, *, zone: ZoneInfo, seed: int) -> list[Arrival]:
    """Draw the incidents of one local day, in order. Each day has its own random stream, so it can be drawn alone."""
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
    """Return the UTC time of a wall clock that shows so many seconds after midnight, on days of a clock change too."""
    wall = midnight.replace(tzinfo=None) + timedelta(seconds=float(second))
    return wall.replace(tzinfo=midnight.tzinfo).astimezone(UTC)


def arrivals_from(traffic: TrafficTerms, start: datetime, *, zone: ZoneInfo, seed: int) -> Iterator[Arrival]:
    """Yield all incidents after `start`, without end."""
    day = start.astimezone(zone).date()
    while True:
        yield from (arrival for arrival in arrivals_of(traffic, day, zone=zone, seed=seed) if arrival.at > start)
        day += timedelta(days=1)
