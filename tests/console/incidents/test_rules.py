"""What an incident may become, and what a refusal says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from console.incidents.rules import (
    CLOSED,
    REGISTERED,
    STATES,
    TRANSITIONS,
    Edits,
    IllegalStep,
    Report,
    is_shown_live,
    next_status,
    outside_reason,
)
from tests.worlds import NOW

REPORT = Report("hotline", None, "dispute.family", "Noise", "", 120.6, 31.1, 120.6, 31.1, "wgs84", NOW)


def test_every_state_can_be_reached_and_left_but_the_last() -> None:
    assert {state for state, _ in TRANSITIONS} == set(STATES) - {CLOSED}
    assert {*TRANSITIONS.values()} == set(STATES)


def test_the_ordinary_case_runs_through_all_states_in_order() -> None:
    status, seen = REGISTERED, [REGISTERED]
    for step in ("assign", "accept", "depart", "arrive", "finish"):
        status = next_status(status, step)
        seen.append(status)
    assert tuple(seen) == STATES


def test_whoever_is_on_the_way_can_be_recalled_and_the_matter_waits_again() -> None:
    for status in STATES[1:-1]:
        assert next_status(status, "recall") == REGISTERED


def test_a_step_that_is_not_in_the_table_is_refused_with_both() -> None:
    with pytest.raises(IllegalStep) as caught:
        next_status("on_scene", "close")
    assert caught.value.params == {"status": "on_scene", "step": "close"}


def test_closed_matters_stay_in_sight_for_a_day() -> None:
    assert is_shown_live(None, now=NOW)
    assert is_shown_live(NOW - timedelta(hours=23), now=NOW)
    assert not is_shown_live(NOW - timedelta(hours=24), now=NOW)


def test_a_refused_place_says_what_is_wrong_with_it() -> None:
    swapped = replace(REPORT, lon=31.1, lat=120.6)
    assert {code for _, code in outside_reason(swapped, swapped=True).errors} == {"swapped"}
    assert outside_reason(swapped, swapped=False).errors == (("lat", "range"),)
    assert {code for _, code in outside_reason(REPORT, swapped=False).errors} == {"outside"}


def test_only_what_differs_is_an_edit() -> None:
    before = {"category": "a", "risk": "low", "title": "x", "description": "y"}
    assert Edits(category="a", title="z", description="").changed_from(before) == {"title": "z", "description": ""}
