"""A new name, a new survey and a moved line are told apart, day by day."""

from datetime import date

import pytest
from shapely import Polygon, box
from shapely.geometry.base import BaseGeometry

from layers.divisions.changes import LineChange, Version, changes_by_day

METRE = 1 / 111_320
START, D1, D2, D3 = (date(2026, month, 1) for month in (1, 2, 3, 4))
SQUARE = box(120.0, 0.0, 120.01, 0.01)
CLEANED = Polygon([*SQUARE.exterior.coords[:3], (120.0, 0.005), *SQUARE.exterior.coords[3:]])
"""The same land, with a vertex more."""


def resurveyed(metres: float) -> BaseGeometry:
    return box(120.0, 0.0, 120.01 + metres * METRE, 0.01)


def version(first: date, until: date | None, *, name: str = "Grid", shape: BaseGeometry = SQUARE) -> Version:
    return Version("g1", name, "grid", "v1", first, until, shape)


def told(*versions: Version) -> dict[date, list[LineChange]]:
    found = changes_by_day(versions, start=START)
    return {day: [one.change for one in changes] for day, changes in found.items()}


def test_only_the_day_on_which_a_strip_moved_says_redrawn() -> None:
    days = told(
        version(START, D1),
        version(D1, D2, name="New name"),
        version(D2, D3, name="New name", shape=CLEANED),
        version(D3, None, name="New name", shape=resurveyed(40)),
    )
    assert days == {D1: [LineChange.RENAMED], D2: [LineChange.SURVEYED], D3: [LineChange.REDRAWN]}


@pytest.mark.parametrize(
    ("metres", "change"), [(0.03, LineChange.SURVEYED), (1.5, LineChange.SURVEYED), (4.0, LineChange.REDRAWN)]
)
def test_a_line_that_moved_by_less_than_a_survey_was_measured_anew(metres: float, change: LineChange) -> None:
    assert told(version(START, D1), version(D1, None, shape=resurveyed(metres))) == {D1: [change]}


def test_a_new_name_on_a_new_line_is_both() -> None:
    both = told(version(START, D1), version(D1, None, name="New name", shape=resurveyed(40)))
    assert both == {D1: [LineChange.RENAMED, LineChange.REDRAWN]}


def test_a_division_begins_and_ends_and_a_version_without_a_change_is_no_day() -> None:
    ends = told(version(START, D1), version(D1, D2), version(D3, None))
    assert ends == {D2: [LineChange.ENDED], D3: [LineChange.BEGUN]}


def test_another_parent_is_another_line() -> None:
    moved = Version("g1", "Grid", "grid", "v2", D1, None, SQUARE)
    assert told(version(START, D1), moved) == {D1: [LineChange.REDRAWN]}
