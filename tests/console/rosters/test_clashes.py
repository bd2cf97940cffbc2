"""Rows of a roster file that contradict each other: overlaps, and one night written under two days."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.rosters.clashes import clashes, id_of
from console.rosters.rules import Span, Who, WhoKind

ZONE = ZoneInfo("Asia/Shanghai")
AMY, BOB = Who(WhoKind.FORCE, 1), Who(WhoKind.FORCE, 2)


def span(begin: str, end: str) -> Span:
    return Span(*(datetime.strptime(f"2026-03-{one}", "%Y-%m-%dT%H:%M").replace(tzinfo=ZONE) for one in (begin, end)))


NIGHT = span("24T22:00", "25T06:00")


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (NIGHT, NIGHT, "roster.midnight_twice"),
        (NIGHT, span("25T00:00", "25T06:00"), "roster.midnight_twice"),
        (span("24T22:00", "25T00:00"), NIGHT, "roster.midnight_twice"),
        (NIGHT, span("25T05:00", "25T09:00"), "roster.rows_overlap"),
        (span("24T08:00", "24T12:00"), span("24T08:00", "24T12:00"), "roster.rows_overlap"),
        (span("24T18:00", "25T06:00"), span("25T06:00", "25T18:00"), None),
        (span("24T22:00", "25T00:00"), span("25T00:00", "25T06:00"), None),
    ],
)
def test_rows_of_one_person_that_overlap_name_each_other(one: Span, other: Span, code: str | None) -> None:
    found = [*clashes([(2, AMY, one), (3, AMY, other)], zone=ZONE)]
    assert [(fault.code, fault.row, fault.params) for fault in found] == ([(code, 3, {"other": 2})] if code else [])
    assert not [*clashes([(2, AMY, one), (3, BOB, other)], zone=ZONE)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=6))
def test_rows_clash_where_two_of_them_serve_in_one_hour(hours: list[tuple[int, int]]) -> None:
    start = datetime(2026, 3, 2, tzinfo=ZONE)
    rows = [
        (row, AMY, Span(start + timedelta(hours=begin), start + timedelta(hours=begin + lasts)))
        for row, (begin, lasts) in enumerate(hours)
    ]
    taken = [hour for begin, lasts in hours for hour in range(begin, begin + lasts)]
    assert bool([*clashes(rows, zone=ZONE)]) == (len(taken) != len({*taken}))


def test_the_id_of_a_row_follows_from_who_and_begin_in_any_zone() -> None:
    moment = NIGHT.starts_at
    assert id_of(AMY, moment) == id_of(AMY, moment.astimezone(ZoneInfo("UTC")))
    assert len({id_of(AMY, moment), id_of(BOB, moment), id_of(AMY, NIGHT.ends_at)}) == 3
