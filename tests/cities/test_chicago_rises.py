"""Rises on ten years of Chicago's aggravated assaults: quiet on years dealt anew in blocks, told when planted."""

import numpy as np
import pytest

from geo.rises import judge
from tests.cities.chicago import Chicago, chicago
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
