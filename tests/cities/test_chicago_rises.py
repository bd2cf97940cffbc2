"""Rises and clusters in Chicago's aggravated assaults: quiet on what is dealt anew, told when planted."""

import numpy as np
import pytest

from geo.rises import judge
from geo.space_time_scan import clusters
from tests.cities.chicago import Chicago, chicago, places_of_chicago
from tests.geo.test_rises import years_told

YEARS, AT_ONCE, WEEKS = 200, 20, 156
KINDS = 4
"""The four most frequent kinds of place, with nine of ten incidents."""


@pytest.fixture(scope="module")
def city() -> Chicago:
    return chicago(kinds=KINDS)


def test_years_dealt_anew_in_blocks_of_two_weeks_tell_nothing_in_nineteen_of_twenty(city: Chicago) -> None:
    draws, told = np.random.default_rng(1), 0
    for _ in range(0, YEARS, AT_ONCE):
        years = [city.shuffled(draws, weeks=WEEKS, block=2) for _ in range(AT_ONCE)]
        told += years_told(np.concatenate(years), years=AT_ONCE, working=city.working[: WEEKS * 7], of_kind=city.kinds)
    assert told <= YEARS * 0.05


def test_a_planted_rise_is_told_within_two_weeks(city: Chicago) -> None:
    """Four times as many, in any series of five to twelve a week, at any time: nine of ten are told in two weeks."""
    draws, found, tried = np.random.default_rng(2), 0, 60
    by_week = city.counts[:, : city.counts.shape[1] // 7 * 7].reshape(len(city.counts), -1, 7).sum(axis=2)
    for _ in range(tried):
        end = int(draws.integers(WEEKS, by_week.shape[1] - 2))
        usual = by_week[:, end - 52 : end].mean(axis=1)
        series = draws.choice(np.flatnonzero((usual >= 5) & (usual < 12)))
        counts = city.counts[:, : (end + 2) * 7].copy()
        counts[series, end * 7 :] += draws.poisson(3 * usual[series] / 7, 14)
        found += any(
            judge(counts[:, : after * 7], kinds=city.kinds, working=city.working[: after * 7]).told[series]
            for after in (end + 1, end + 2)
        )
    assert found >= 0.9 * tried


def test_a_planted_cluster_is_found_and_maps_dealt_anew_have_few() -> None:
    """Days dealt anew among the incidents, so that busy places and days stay: 30 maps, at most 4 with a cluster."""
    city = places_of_chicago(days=182, until="2018-06-30")
    draws, made = np.random.default_rng(3), 0
    where = np.repeat(np.arange(len(city.counts)), city.counts.sum(axis=1))
    day = np.repeat(np.arange(182), city.counts.sum(axis=0))
    for _ in range(30):
        dealt = np.zeros_like(city.counts)
        np.add.at(dealt, (where, draws.permutation(day)), 1)
        made += bool(clusters(dealt, city.metres, replicates=39, radius_m=3_000))
    assert made <= 4
    middle = int(city.counts.sum(axis=1).argmax())
    near = np.argsort(((city.metres - city.metres[middle]) ** 2).sum(axis=1))[:4]
    city.counts[near, -12:] += draws.poisson(0.5, (4, 12))
    found = clusters(city.counts, city.metres, replicates=199, radius_m=3_000)
    assert any(cluster.p == 1 / 200 and set(near.tolist()) & set(cluster.places) for cluster in found)
