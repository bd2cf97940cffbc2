"""Spans of days, and how figures add up."""

from datetime import date
from itertools import pairwise

import pytest

from console.indicators.rules import Figure, Span, SpanTooLong, months_until, span_before, span_of, summed, year_before
from tests.worlds import PACK

ZONE = PACK.zone
TODAY = date(2026, 3, 2)


def span(first: date, last: date) -> Span:
    return Span(first, last, ZONE)


def test_without_days_it_is_this_year_until_today() -> None:
    assert span_of(None, None, today=TODAY, zone=ZONE) == span(date(2026, 1, 1), TODAY)
    assert span_of(None, date(2024, 6, 30), today=TODAY, zone=ZONE) == span(date(2024, 1, 1), date(2024, 6, 30))
    assert span_of(date(2027, 1, 1), None, today=TODAY, zone=ZONE).last == date(2027, 1, 1)
    for first, last in ((date(2026, 3, 3), TODAY), (date(2010, 1, 1), TODAY)):
        with pytest.raises(SpanTooLong):
            span_of(first, last, today=TODAY, zone=ZONE)


@pytest.mark.parametrize(
    ("first", "last", "year", "before"),
    [
        ((2026, 1, 1), (2026, 3, 2), ((2025, 1, 1), (2025, 3, 2)), ((2025, 11, 1), (2025, 12, 31))),
        ((2026, 2, 1), (2026, 2, 28), ((2025, 2, 1), (2025, 2, 28)), ((2026, 1, 1), (2026, 1, 31))),
        ((2025, 2, 1), (2025, 2, 28), ((2024, 2, 1), (2024, 2, 29)), ((2025, 1, 1), (2025, 1, 31))),
        ((2024, 2, 29), (2024, 2, 29), ((2023, 2, 28), (2023, 2, 28)), ((2024, 2, 28), (2024, 2, 28))),
        ((2024, 1, 1), (2024, 12, 31), ((2023, 1, 1), (2023, 12, 31)), ((2023, 1, 1), (2023, 12, 31))),
    ],
)
def test_a_span_is_compared_with_the_same_days_a_year_before_and_as_many_just_before(
    first: tuple[int, int, int],
    last: tuple[int, int, int],
    year: tuple[tuple[int, int, int], tuple[int, int, int]],
    before: tuple[tuple[int, int, int], tuple[int, int, int]],
) -> None:
    asked = span(date(*first), date(*last))
    assert year_before(asked) == span(date(*year[0]), date(*year[1]))
    assert span_before(asked) == span(date(*before[0]), date(*before[1]))


def test_thirteen_months_follow_each_other_and_end_with_the_span() -> None:
    months = months_until(span(date(2025, 6, 1), TODAY))
    assert (months[0].first, months[-1].first, months[-1].last) == (date(2025, 3, 1), date(2026, 3, 1), TODAY)
    assert all(one.until == following.since for one, following in pairwise(months))


def test_figures_add_up_and_tell_none_from_nothing() -> None:
    assert summed([Figure(1, 2, 5), Figure(0, 4, 4)]) == Figure(1, 6, 9)
    assert (Figure(0, 0).rate, Figure(0, 3).rate, Figure(2, 4).few, Figure(2, 5).few) == (None, 0.0, True, False)
