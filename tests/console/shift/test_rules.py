"""How far back a shift reaches."""

from datetime import timedelta

import pytest

from console.shift.rules import since_when
from tests.worlds import NOW


@pytest.mark.parametrize(
    ("asked", "signed_in", "since"),
    [(None, 3, 3), (8, 3, 8), (None, 24 * 90, 24 * 7), (24 * 30, 3, 24 * 7), (-1, 3, -1)],
)
def test_a_shift_begins_as_asked_or_with_the_sign_in_within_a_week(
    asked: int | None, signed_in: int, since: int
) -> None:
    def ago(hours: int) -> object:
        return NOW - timedelta(hours=hours)

    start = None if asked is None else NOW - timedelta(hours=asked)
    assert since_when(start, signed_in_at=NOW - timedelta(hours=signed_in), now=NOW) == ago(since)
