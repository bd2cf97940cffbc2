"""Rises above one's own past: told when planted, seldom by chance, and never by what the calendar explains."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import gamma, norm

from console.clocks.calendar import read_calendar
from geo.rises import LISTED, Judgement, judge, weekly_limit
from geo.statistics import false_discovery

WEEKS = 156
MONDAY = date(2023, 1, 2)
PLAIN = (np.arange(WEEKS * 7) % 7) < 5


def judged(counts: np.ndarray, *, kinds: np.ndarray | None = None, working: np.ndarray | None = None) -> Judgement:
    of_kind = np.zeros(len(counts), dtype=int) if kinds is None else kinds
    return judge(counts, kinds=of_kind, working=PLAIN[: counts.shape[1]] if working is None else working)


def working_days(first: date, days: int) -> np.ndarray:
    calendar = read_calendar()
    return np.array([calendar.kind(first + timedelta(days=n)).is_worked for n in range(days)])


def test_three_times_as_many_are_told_within_two_weeks_among_five_thousand_others() -> None:
    counts = np.random.default_rng(1).poisson(10 / 7, (5_000, WEEKS * 7))
    counts[17, -14:] = [4, 4, 4, 4, 5, 4, 5] * 2
    found = judged(counts)
    assert found.told.nonzero()[0].tolist() == [17]
    assert found.counts[:, 17].tolist() == [30, 60]
    assert found.expected[1, 17] == pytest.approx(20, rel=0.15)


def test_three_times_five_stand_on_the_list_of_the_week_with_its_rate_of_error() -> None:
    counts = np.random.default_rng(2).poisson(5 / 7, (5_000, WEEKS * 7))
    counts[17, -14:] = [2, 2, 2, 2, 3, 2, 2] * 2
    found = judged(counts)
    assert (found.q <= LISTED).any(axis=0).nonzero()[0].tolist() == [17]


def test_two_after_nothing_are_never_a_warning() -> None:
    counts = np.zeros((50, WEEKS * 7), dtype=int)
    counts[3, -3:-1] = 1
    found = judged(counts)
    assert not found.told.any()
    assert found.p[:, 3].tolist() == [1.0, 1.0]


def test_weeks_without_any_follow_on_weeks_with_many() -> None:
    counts = np.random.default_rng(4).poisson(0.2, (50, WEEKS * 7))
    counts[5, -21:-14] = 3
    assert judged(counts[:, :-14]).told[5]
    counts[5, -14:] = 0
    assert not judged(counts).told[5]


def test_small_counts_hold_the_promised_rate() -> None:
    draws = np.random.default_rng(5)
    rates = draws.uniform(0.3 / 7, 3 / 7, (5_000, 1))
    counts = draws.poisson(rates, (5_000, (WEEKS + 51) * 7))
    told = sum(
        int(judged(counts[:, week * 7 : (week + WEEKS) * 7], working=PLAIN).told.any()) for week in range(0, 52, 4)
    )
    assert told == 0


def test_days_off_explain_a_quiet_week_and_the_busy_one_after_it() -> None:
    days = (date(2026, 3, 2) - MONDAY).days
    working = working_days(MONDAY, days)
    counts = np.tile(np.where(working, 20, 0), (8, 1))
    for week in range(1, 5):
        end = days - 7 * week + 7
        found = judged(counts[:, :end], working=working[:end])
        assert not found.told.any()
        assert found.expected[0] == pytest.approx(found.counts[0], abs=1.5)


def test_a_season_of_every_year_is_expected() -> None:
    day = np.arange(WEEKS * 7)
    season = np.exp(0.8 * np.cos(2 * np.pi * (day - day[-7]) / 365.2425))
    counts = np.random.default_rng(6).poisson(0.6 * season, (30, WEEKS * 7))
    found = judged(counts)
    assert not found.told.any()
    assert found.expected[0].mean() == pytest.approx(0.6 * 7 * np.exp(0.8), rel=0.1)


def hanging_together(draws: np.random.Generator, *, series: int, weeks: int) -> np.ndarray:
    """Negative binomial counts by day whose level hangs together (AR 0.6 from week to week), more on working days."""
    level = draws.normal(size=(series, weeks))
    for week in range(1, weeks):
        level[:, week] = 0.6 * level[:, week - 1] + 0.8 * level[:, week]
    weekly = gamma.ppf(norm.cdf(level), 16) / 16
    by_day = np.repeat(weekly, 7, axis=1) * np.tile([1.2, 1.2, 1.2, 1.2, 1.2, 0.5, 0.5], weeks)
    return draws.poisson(by_day * draws.gamma(4, 1 / 4, by_day.shape))


def years_told(counts: np.ndarray, *, years: int, working: np.ndarray, of_kind: np.ndarray | None = None) -> int:
    """In how many years anything is told. `counts` holds the series of each year, one year after the other; the last
    52 weeks of each are judged, each year by itself.
    """
    each = len(counts) // years
    kinds = np.zeros(each, dtype=int) if of_kind is None else of_kind
    apart = np.concatenate([kinds + year * (kinds.max() + 1) for year in range(years)])
    told = np.zeros(years, dtype=bool)
    weeks = counts.shape[1] // 7
    for end in range(weeks - 51, weeks + 1):
        p = judge(counts[:, : end * 7], kinds=apart, working=working[: end * 7]).p
        by_year = p.reshape(2, years, each).transpose(1, 0, 2).reshape(years, -1)
        told |= [bool((false_discovery(row) <= weekly_limit()).any()) for row in by_year]
    return int(told.sum())


def test_weeks_that_hang_together_tell_nothing_in_nineteen_years_of_twenty() -> None:
    counts = hanging_together(np.random.default_rng(7), series=12 * 200, weeks=WEEKS)
    assert years_told(counts, years=200, working=PLAIN) <= 10


def test_too_short_a_past_is_refused() -> None:
    with pytest.raises(ValueError, match="54 are needed"):
        judged(np.ones((1, 53 * 7), dtype=int))


def test_a_promise_of_one_year_in_twenty_is_one_week_in_a_thousand() -> None:
    assert 1 - (1 - weekly_limit(0.05)) ** 52 == pytest.approx(0.05)


def test_told_from_is_the_least_count_that_tells() -> None:
    draws = np.random.default_rng(8)
    counts = draws.poisson(draws.gamma(2, 0.5, (4, WEEKS)).repeat(7, axis=1))
    least = judged(counts).told_from()[0, 2]
    for more, told in ((least - 1, False), (least, True)):
        counts[2, -7:] = 0
        counts[2, -1] = more
        assert bool(judged(counts).q[0, 2] <= weekly_limit()) is told
