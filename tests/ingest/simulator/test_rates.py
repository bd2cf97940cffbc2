"""A simulated year has the reported yearly figures."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from math import sqrt
from zoneinfo import ZoneInfo

import pytest

from api.keeping.commands.simulate import traffic_of
from ingest.simulator.rates import Arrival, arrivals_from, arrivals_of
from ingest.simulator.terms import DAYS_A_YEAR, CategoryTraffic, TrafficTerms
from tests.worlds import PACK

TRAFFIC = traffic_of(PACK)
ZONE = PACK.zone
FIRST = date(2025, 1, 1)
SEED = 5


@pytest.fixture(scope="module")
def year() -> list[Arrival]:
    return [a for day in range(365) for a in arrivals_of(TRAFFIC, FIRST + timedelta(days=day), zone=ZONE, seed=SEED)]


def test_every_category_of_a_simulated_year_is_within_five_sigma_of_its_reported_number(year: list[Arrival]) -> None:
    counts = Counter(arrival.category for arrival in year)
    for category, reported in TRAFFIC.yearly.items():
        expected = reported * 365 / DAYS_A_YEAR
        assert abs(counts[category] - expected) <= 5 * sqrt(expected), category


def test_the_year_as_a_whole_is_within_one_percent(year: list[Arrival]) -> None:
    assert len(year) == pytest.approx(sum(TRAFFIC.yearly.values()) * 365 / DAYS_A_YEAR, rel=0.01)


def test_hours_and_weekdays_have_the_shares_of_the_pack_in_local_time(year: list[Arrival]) -> None:
    local = [arrival.at.astimezone(ZONE) for arrival in year]
    hours, days = Counter(at.hour for at in local), Counter(at.weekday() for at in local)
    for hour, share in enumerate(TRAFFIC.hourly):
        assert hours[hour] / len(local) == pytest.approx(share / sum(TRAFFIC.hourly), rel=0.15)
    for day, share in enumerate(TRAFFIC.weekday):
        assert days[day] / len(local) == pytest.approx(share / sum(TRAFFIC.weekday), rel=0.05)


def test_a_day_drawn_alone_is_the_same_as_within_a_run() -> None:
    day = date(2026, 3, 3)
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    run = takewhile(lambda a: a.day <= day, arrivals_from(TRAFFIC, start, zone=ZONE, seed=SEED))
    assert [a for a in run if a.day == day] == arrivals_of(TRAFFIC, day, zone=ZONE, seed=SEED)


def test_arrivals_are_in_order_and_after_the_start() -> None:
    start = datetime(2026, 3, 2, 12, 34, tzinfo=UTC)
    source = arrivals_from(TRAFFIC, start, zone=ZONE, seed=SEED)
    times = [next(source).at for _ in range(2000)]
    assert times == sorted(times)
    assert times[0] > start


def test_no_incident_is_in_the_hour_that_summer_time_skips() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    even = {"hourly": (1,) * 24, "weekday": (1,) * 7, "categories": {"x": CategoryTraffic(yearly=400_000)}}
    traffic = TrafficTerms.model_validate({**TRAFFIC.model_dump(), **even})
    made = arrivals_of(traffic, date(2026, 3, 29), zone=berlin, seed=SEED)
    hours = Counter(arrival.at.astimezone(berlin).hour for arrival in made)
    assert hours[2] == 0
    assert sum(hours.values()) > 900
