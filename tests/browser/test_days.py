"""When a test of what happens today may begin."""

from datetime import datetime, timedelta

import pytest

from tests.browser.county import until_one_day


@pytest.mark.parametrize(
    ("time", "seconds"),
    [("12:00:00", 0), ("00:00:00", 120), ("00:01:30", 30), ("00:02:00", 0), ("23:59:00", 0), ("23:59:30", 150)],
)
def test_a_test_waits_at_midnight_until_its_minutes_are_of_one_day(time: str, seconds: int) -> None:
    assert until_one_day(datetime.fromisoformat(f"2026-03-01T{time}+08:00")) == timedelta(seconds=seconds)
