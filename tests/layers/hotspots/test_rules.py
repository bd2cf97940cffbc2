"""Quarters, windows and deltas."""

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest

from layers.hotspots.rules import BadView, HotCell, View, delta, klass_of, known, moment_before, quarter_of, spans

NOW = datetime(2026, 3, 2, 2, 7, 31, tzinfo=UTC)


def hot(cell: int, count: int) -> HotCell:
    return HotCell(cell=cell, count=count, expected=0.5, z=1.0, q=0.2, klass="none")


def test_a_quarter_is_the_same_in_every_zone() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert quarter_of(NOW) == quarter_of(there) == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert quarter_of(there).tzinfo is UTC


def test_a_window_ends_with_the_quarter_that_is_still_filling() -> None:
    present, *_ = spans("24h", now=NOW)
    assert present.end == datetime(2026, 3, 2, 2, 15, tzinfo=UTC)
    assert present.end - present.start == timedelta(hours=24)


@pytest.mark.parametrize("window", ["24h", "7d", "28d"])
def test_windows_of_a_day_and_more_follow_each_other_without_a_gap(window: str) -> None:
    wanted = spans(window, now=NOW)
    assert len(wanted) == 5
    assert all(later.start == earlier.end for later, earlier in itertools.pairwise(wanted))


@pytest.mark.parametrize("ends", ["2022-05-02T00:00+08:00", "2022-05-01T23:52+08:00"])
def test_a_window_of_the_past_ends_with_its_quarter_and_without_the_next(ends: str) -> None:
    present, *_ = spans("24h", now=moment_before(datetime.fromisoformat(ends), now=NOW))
    assert present.end == datetime(2022, 5, 1, 16, 0, tzinfo=UTC)


def test_a_window_does_not_end_in_the_future() -> None:
    assert moment_before(NOW + timedelta(hours=9), now=NOW) == NOW


def test_an_hour_is_compared_with_the_same_hour_of_the_days_before() -> None:
    present, *past = spans("1h", now=NOW)
    assert [present.start - span.start for span in past] == [timedelta(days=i) for i in (1, 2, 3, 4)]


def test_only_windows_wholly_within_history_count_as_known() -> None:
    _, *past = spans("7d", now=NOW)
    assert known(past, since=None) == 0
    assert known(past, since=past[1].start) == 2
    assert known(past, since=past[1].start + timedelta(seconds=1)) == 1


def test_a_cell_is_new_persistent_fading_or_none() -> None:
    assert klass_of(hot=True, was_hot=False) == "new"
    assert klass_of(hot=True, was_hot=True) == "persistent"
    assert klass_of(hot=False, was_hot=True) == "fading"
    assert klass_of(hot=False, was_hot=False) == "none"


@pytest.mark.parametrize("hot", [True, False])
@pytest.mark.parametrize("was_hot", [True, False])
def test_a_cell_has_no_class_while_its_past_is_unknown(hot: bool, was_hot: bool) -> None:
    assert klass_of(hot=hot, was_hot=was_hot, past_known=False) == "none"


def test_a_delta_holds_changed_and_removed_cells() -> None:
    change = delta([hot(1, 1), hot(2, 1), hot(3, 1)], [hot(1, 1), hot(2, 2), hot(4, 1)])
    assert change.changed == (hot(2, 2), hot(4, 1))
    assert change.gone == (3,)
    assert not delta([hot(1, 1)], [hot(1, 1)])


@pytest.mark.parametrize("wrong", [{"res": 6}, {"res": 11}, {"window": "2h"}])
def test_an_unknown_resolution_or_window_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadView):
        View(**wrong)  # type: ignore[arg-type]
