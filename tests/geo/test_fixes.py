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
