"""Edits, refusals, and how long a closed incident is shown."""

from datetime import timedelta

from console.incidents.rules import (
    Edits,
    is_shown_live,
    outside_reason,
)
from tests.worlds import NOW


def test_closed_incidents_stay_visible_for_a_day() -> None:
    assert is_shown_live(None, now=NOW)
    assert is_shown_live(NOW - timedelta(hours=23), now=NOW)
    assert not is_shown_live(NOW - timedelta(hours=24), now=NOW)


def test_a_refused_place_has_its_reason() -> None:
    assert {code for _, code in outside_reason(120.6, swapped=True).errors} == {"swapped"}
    assert outside_reason(120.6, swapped=False).errors == (("lat", "range"),)
    assert {code for _, code in outside_reason(31.1, swapped=False).errors} == {"outside"}


def test_an_edit_has_only_changed_fields() -> None:
    before = {"category": "a", "risk": "low", "title": "x", "description": "y", "address": ""}
    assert Edits(category="a", title="z", description="").changed_from(before) == {"title": "z", "description": ""}
