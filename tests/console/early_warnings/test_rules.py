"""Which weeks are judged, which categories are left out, and what is told: without a database."""

from datetime import date, timedelta

import numpy as np
import pytest

from console.early_warnings.rules import (
    DayCount,
    Series,
    SourceShare,
    first_monday,
    judge_week,
    last_sunday,
    series_of,
    silent,
)

LAST = date(2026, 3, 1)
FIRST = date(2023, 3, 6)


def flags(series: Series) -> np.ndarray:
    return np.array([day.weekday() < 5 for day in series.days])


def spread(counts: np.ndarray, *, category: str = "wages", path: str = "c.t") -> Series:
    return Series([category] * len(counts), [f"{path}{row}" for row in range(len(counts))], counts, LAST)


@pytest.mark.parametrize(
    ("today", "sunday"),
    [(date(2026, 3, 2), date(2026, 3, 1)), (date(2026, 3, 1), date(2026, 2, 22)), (date(2026, 3, 7), date(2026, 3, 1))],
)
def test_the_last_whole_week_ended_on_a_sunday_before_today(today: date, sunday: date) -> None:
    assert last_sunday(today) == sunday


def test_weeks_before_the_record_began_are_no_quiet_weeks() -> None:
    assert first_monday(date(2025, 1, 1), LAST) == date(2025, 1, 6)
    assert first_monday(date(2025, 1, 6), LAST) == date(2025, 1, 6)
    assert first_monday(date(2001, 1, 1), LAST) == date(2023, 3, 6)
    assert first_monday(date(2026, 2, 25), LAST) is None
    assert first_monday(None, LAST) is None


def test_series_have_every_day_up_to_now_and_every_division_down_to_the_town() -> None:
    rows = [
        DayCount("wages", "c.t1", date(2026, 2, 2), 2),
        DayCount("wages", "c.t2", date(2026, 2, 2), 1),
        DayCount("land", "c", date(2026, 2, 3), 1),
    ]
    series = series_of(rows, depth=2, first=date(2026, 2, 2), last=LAST)
    assert list(zip(series.categories, series.paths, strict=True)) == [
        ("land", "c"),
        ("wages", "c"),
        ("wages", "c.t1"),
        ("wages", "c.t2"),
    ]
    assert series.counts.shape == (4, 28)
    assert series.counts.sum(axis=1).tolist() == [1, 3, 2, 1]
    assert series.days[0] == date(2026, 2, 2)


def test_a_source_that_is_silent_stops_the_judgement_of_what_it_brings() -> None:
    shares = [
        SourceShare("12345", "wages", 1_000, LAST - timedelta(days=6)),
        SourceShare("12345", "land", 5, LAST - timedelta(days=40)),
        SourceShare("grid", "land", 500, LAST),
    ]
    left = silent(shares, last=LAST)
    assert {(one.category, one.reason, one.params["source"], one.params["since"]) for one in left.values()} == {
        ("wages", "source_silent", "12345", (LAST - timedelta(days=6)).isoformat())
    }
    assert silent([SourceShare("12345", "wages", 100, LAST - timedelta(days=6))], last=LAST) == {}, "rare, not silent"


def test_a_silent_category_is_not_judged_and_the_others_are() -> None:
    draws = np.random.default_rng(1)
    counts = draws.poisson(0.5, (6, 156 * 7))
    counts[4, -7:] = 4
    series = Series(["land"] * 3 + ["wages"] * 3, [f"c.t{row}" for row in range(6)], counts, LAST)
    left = silent([SourceShare("12345", "land", 1_000, LAST - timedelta(days=6))], last=LAST)
    week = judge_week(series, working=flags(series), left_out=left)
    assert [one.category for one in week.left_out] == ["land"]
    assert (week.series, week.tried) == (3, 52)
    (rise,) = week.rises
    assert (rise.category, rise.path, rise.told) == ("wages", "c.t4", True)
    assert rise.count >= rise.told_from > rise.expected


def test_a_past_of_less_than_a_year_is_not_judged_and_says_how_much_is_missing() -> None:
    week = judge_week(spread(np.ones((2, 20 * 7), dtype=np.int64)), working=np.ones(140, dtype=bool), left_out={})
    (left,) = week.left_out
    assert (left.reason, left.params) == ("past_too_short", {"weeks": 20, "needed": 54})
    assert (week.series, week.rises) == (0, ())


def test_where_no_whole_week_has_an_incident_nothing_is_judged() -> None:
    """The one incident of the record may lie in the days before its first whole week."""
    nothing = series_of([], depth=3, first=LAST - timedelta(days=156 * 7 - 1), last=LAST)
    silence = silent([SourceShare("12345", "land", 1_000, LAST - timedelta(days=6))], last=LAST)
    week = judge_week(nothing, working=flags(nothing), left_out=silence)
    assert (week.rises, week.series, [one.category for one in week.left_out]) == ((), 0, ["land"])


def test_a_category_whose_last_year_did_not_hold_to_its_past_is_off() -> None:
    """Reports have doubled twice in the last year, as when a new app takes them in: each week is above its past."""
    draws = np.random.default_rng(2)
    growth = np.exp2(np.maximum(np.arange(156) - 104, 0) / 26).repeat(7)
    growing = draws.poisson(0.8 * growth, (8, 156 * 7))
    series = spread(growing, category="growing")
    week = judge_week(series, working=flags(series), left_out={})
    assert [(one.category, one.reason) for one in week.left_out] == [("growing", "year_not_held")]
    assert week.left_out[0].params["weeks"] == 8 * 52
    steady = spread(draws.poisson(0.8, (8, 156 * 7)), category="steady")
    assert judge_week(steady, working=flags(steady), left_out={}).left_out == []
