"""Limits and their dates."""

from datetime import datetime, timedelta

import pytest

from console.deadlines.rules import Dates, Limit, TimeUnit, dates_of, keep_mark, subject_of
from tests.worlds import NOW


class HalfTime:
    """A calendar in which every other hour counts."""

    def after(self, start: datetime, amount: float, unit: TimeUnit) -> datetime:
        assert unit == "hour"
        return start + timedelta(hours=2 * amount)


@pytest.mark.parametrize(
    ("limit", "due", "warn"),
    [
        (Limit(120, "second"), timedelta(minutes=2), None),
        (Limit(90, "minute", 0.5), timedelta(minutes=90), timedelta(minutes=45)),
        (Limit(3, "day", 1), timedelta(days=3), timedelta(days=3)),
        (Limit.of(timedelta(hours=2), warn_share=0.25), timedelta(hours=2), timedelta(minutes=30)),
    ],
)
def test_a_limit_counts_from_its_start(limit: Limit, due: timedelta, warn: timedelta | None) -> None:
    assert dates_of(limit, start=NOW) == Dates(NOW + due, None if warn is None else NOW + warn)


def test_limit_and_warning_are_counted_by_the_calendar() -> None:
    dates = dates_of(Limit(4, "hour", 0.5), start=NOW, calendar=HalfTime())
    assert dates == Dates(NOW + timedelta(hours=8), NOW + timedelta(hours=4))


def test_a_moved_deadline_keeps_its_mark_unless_it_is_later_now() -> None:
    earlier, later = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)
    assert [keep_mark(NOW, planned) for planned in (earlier, NOW, later)] == [NOW, NOW, None]
    assert keep_mark(None, earlier) is None
    assert keep_mark(NOW, None) is None


def test_a_deadline_kind_names_its_entity() -> None:
    assert subject_of("task.answer") == "task"
