"""Late, repeated, future and impossible fixes never become the latest position."""

from datetime import UTC, datetime, timedelta

import pytest

from geo.fixes import Fix, Verdict, judge

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HERE = (120.64, 31.16)
LATEST = Fix(*HERE, at=NOW - timedelta(seconds=30))


def at(seconds: float, lon: float = HERE[0], lat: float = HERE[1]) -> Fix:
    return Fix(lon, lat, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("fix", "verdict"),
    [
        (at(0), Verdict.OK),
        (at(119), Verdict.OK),
        (at(121), Verdict.FUTURE),
        (at(-31), Verdict.LATE),
        (at(-30), Verdict.DUPLICATE),
        (at(-30, lon=120.70), Verdict.DUPLICATE),
        (at(0, lon=0, lat=0), Verdict.NULL_ISLAND),
        (at(0, lon=0.004, lat=-0.003), Verdict.NULL_ISLAND),
        (at(0, lon=120.65), Verdict.OK),  # 950 m in 30 s: 114 km/h
        (at(0, lon=120.66), Verdict.TELEPORT),  # 1,900 m in 30 s: 228 km/h
        (at(-29, lon=120.6412), Verdict.OK),  # 114 m in one second: noise of a receiver
        (at(-29, lon=120.643), Verdict.TELEPORT),
    ],
)
def test_a_fix_is_judged_against_the_latest(fix: Fix, verdict: Verdict) -> None:
    assert judge(fix, LATEST, now=NOW) is verdict


def test_the_first_fix_can_be_anywhere_but_on_null_island_or_in_the_future() -> None:
    assert judge(at(-3600, lon=-122.4, lat=37.8), None, now=NOW) is Verdict.OK
    assert judge(at(0, lon=0, lat=0), None, now=NOW) is Verdict.NULL_ISLAND
    assert judge(at(600), None, now=NOW) is Verdict.FUTURE


def test_the_same_moment_in_two_zones_is_the_same_moment() -> None:
    elsewhere = LATEST.at.astimezone(tz=None)
    assert judge(Fix(*HERE, at=elsewhere), LATEST, now=NOW) is Verdict.DUPLICATE


def test_a_wrong_latest_fix_blocks_later_ones_only_for_a_while() -> None:
    wrong = Fix(120.64, 30.26, NOW)  # 100 km away
    back = [judge(at(60 * minutes), wrong, now=NOW + timedelta(minutes=minutes)) for minutes in range(1, 60)]
    assert back[0] is Verdict.TELEPORT
    assert back[-1] is Verdict.OK
    assert back.index(Verdict.OK) < 31


FINE = Fix(*HERE, at=NOW - timedelta(seconds=300), accuracy_m=5)


def seen(seconds: float, accuracy_m: float | None, lon: float = HERE[0], *, mock: bool = False) -> Fix:
    return Fix(lon, HERE[1], NOW + timedelta(seconds=seconds), accuracy_m=accuracy_m, mock=mock)


@pytest.mark.parametrize(
    ("fix", "latest", "verdict"),
    [
        (seen(0, 20_000, 120.785), FINE, Verdict.COARSE),  # A radio mast 14 km away, five minutes later
        (seen(0, 5_000), FINE, Verdict.COARSE),
        (seen(0, 65), FINE, Verdict.OK),
        (seen(0, None), FINE, Verdict.OK),
        (seen(0, 20_000), seen(-3600, 5), Verdict.OK),  # Better than nothing: it may have gone that far
        (seen(0, 2_000), seen(-30, 1_500), Verdict.OK),
        (seen(0, 0), FINE, Verdict.OK),
        (seen(1, 4), seen(0, 20_000, 120.785), Verdict.OK),  # A precise fix overrules a coarse one at once
        (seen(1, 4), seen(0, 100, 120.660), Verdict.TELEPORT),  # 1,900 m less both accuracies in a second
        (seen(-5, 4), seen(0, 20_000, 120.785), Verdict.OK),  # It came late, and still says better where
        (seen(0, 4), seen(0, 20_000, 120.785), Verdict.OK),
        (seen(-5, 4), seen(0, 8), Verdict.LATE),
        (seen(0, 4), seen(0, 8), Verdict.DUPLICATE),
        (seen(0, 4, mock=True), FINE, Verdict.MOCK),
        (seen(0, 4, mock=True), None, Verdict.MOCK),
    ],
)
def test_accuracy_counts(fix: Fix, latest: Fix | None, verdict: Verdict) -> None:
    assert judge(fix, latest, now=NOW) is verdict


def test_a_clock_that_was_wrong_hides_nothing_once_it_is_right() -> None:
    ahead = Fix(*HERE, at=NOW + timedelta(hours=8))
    assert judge(ahead, LATEST, now=NOW) is Verdict.FUTURE
    assert judge(at(1), ahead, now=NOW) is Verdict.OK
