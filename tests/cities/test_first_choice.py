"""The bench of first choices on a city's records uses nothing that came later, and counts what it says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.city import Call, Seen, calls_of, free_units, read_responses
from bench.first_choice import CAR, TEST, answers_of, fitted, judge, terms_of
from console.dispatching.rules import Candidate
from tests.shared import shared_data

CALLS = 100
NOON = pd.Timestamp("2020-04-08 12:00")


def response(unit: str, sent: int, free: int) -> dict[str, object]:
    """A response by minutes after noon."""
    sent_at, free_at = (NOON + pd.Timedelta(minutes=minutes) for minutes in (sent, free))
    return {"unit_id": unit, "dispatch_dttm": sent_at, "available_dttm": free_at, "lon": sent, "lat": 0}


def test_a_unit_is_free_where_its_last_ended_response_was() -> None:
    rows = [response("E1", -90, -80), response("E1", -60, -30), response("E2", -50, 10), response("E3", -2000, -1900)]
    later = [response("E1", 1, 5), response("E4", 20, 40)]
    free = free_units(pd.DataFrame(rows + later).sort_values("available_dttm"), NOON)
    assert free[["unit_id", "lon"]].to_numpy().tolist() == [["E1", -60]], "E2 is busy, E3 not on duty, E4 not seen yet"


def unit(number: int, metres: float) -> Candidate:
    return Candidate(number, f"E{number}", "engine", "car", "on", (), (), "city", metres)


def test_shares_and_minutes_are_those_of_the_calls() -> None:
    """The nearest of four comes in one call; in the other the farthest, a minute after what the estimate says."""
    units = {one.name: one for one in (unit(n, 1000.0 * n) for n in (1, 2, 3, 4))}
    homes, terms = {"E1": 9.0, "E2": 5.0, "E3": 6.0, "E4": 7.0}, terms_of(CAR, alone=True)
    estimates = [round(float(CAR.minutes(1000.0 * n)), 1) for n in (1, 4)]
    near = Call("fire", NOON.to_pydatetime(), units, homes, frozenset({"E1", "E4"}), {"E1": estimates[0], "E4": 30.0})
    far = replace(near, sent=frozenset({"E4"}), arrived={"E4": estimates[1] + 1})
    unknown = replace(near, sent=frozenset({"E9"}), arrived={"E9": 3.0})
    found = judge([near, far, unknown], [], terms)
    assert (found.calls, found.known, found.first, found.three, found.sent) == (3, 2, 1, 1, 1)
    assert found.chance == pytest.approx((0.5, 1.5)) and found.nearest == (0, 1)
    assert (found.several, found.order) == (1, (1, 0.5))
    assert found.errors.tolist() == pytest.approx([0, -1])
    assert (found.ours, found.theirs) == pytest.approx((2 * estimates[0], sum(estimates)))
    assert found.real == pytest.approx(sum(estimates) + 1)
    assert fitted([near, far]).start_minutes < CAR.start_minutes


def test_kinds_that_seldom_came_first_may_not_answer() -> None:
    units = {"E1": unit(1, 500.0), "T1": unit(2, 600.0)}
    call = Call("fire", NOON.to_pydatetime(), units, {}, frozenset({"E1"}), {"E1": 3.0})
    seldom = replace(call, arrived={"T1": 3.0})
    (answer,) = answers_of(Seen([call] * 19 + [seldom], 0, 0, {"E1": "engine", "T1": "truck"}))
    assert answer.to == ("fire",) and [one.kind for one in answer.lead] == ["engine"]


def test_the_real_records_are_read_and_ranked() -> None:
    responses = read_responses(shared_data("sf_fire_dispatch.parquet"))
    seen = calls_of(responses, TEST, car=CAR, most=CALLS)
    found = judge(seen.calls, answers_of(seen), terms_of(CAR, alone=True))
    assert found.calls == CALLS and CALLS // 2 < found.known <= CALLS
    assert found.chance[0] < found.first <= found.three and found.ours <= found.theirs
    assert np.median(np.abs(found.errors)) < 10
    cut = responses[responses["dispatch_dttm"] <= max(call.at for call in seen.calls)]
    last = seen.calls[-1]
    again = calls_of(cut, TEST, car=CAR, most=CALLS).calls[-1]
    assert (again.units, again.from_home) == (last.units, last.from_home), "nothing later than a call is used"
