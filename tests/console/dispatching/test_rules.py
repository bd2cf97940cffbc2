"""Ranking in minutes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from console.dispatching.rules import Candidate, IncidentFacts, Ranked, evaluate, exclusion_code, rank
from console.dispatching.terms import DispatchTerms, TravelMode
from geo.terms import Names
from tests.worlds import NOW

TERMS = DispatchTerms(
    speciality_match=-4,
    speciality_mismatch=6,
    task_today=3,
    on_call=15,
    own_grid=-3,
    own_village=-1,
    language_match=-2,
    language_mismatch=4,
    rest_minutes=5,
    from_home=2,
    stale_after_seconds=180,
    stale_per_10_minutes=2,
    stale_at_most=20,
    travel=(TravelMode(mode="ebike", names=Names(zh="电动自行车", en="E-bike"), kmh=15, detour=1),),
)
INCIDENT = IncidentFacts(category="dispute.family", grid_code="g1", village_code="v1")
PLAIN = Candidate(
    force=1,
    name="甲",
    kind="patrol",
    mode="ebike",
    duty="on",
    specialities=(),
    languages=(),
    division_path="c.t",
    distance_m=1000,
    fix_at=NOW,
)


def price(candidate: Candidate, incident: IncidentFacts = INCIDENT) -> Ranked:
    return evaluate(incident, candidate, terms=TERMS, now=NOW)


def reasons(candidate: Candidate, incident: IncidentFacts = INCIDENT) -> dict[str, float]:
    return {reason.code: reason.minutes for reason in price(candidate, incident).reasons}


def test_a_coarse_position_costs_doubt() -> None:
    costs = {}
    for accuracy in (None, 100.0, 5_000.0, 20_000.0):
        found = price(replace(PLAIN, accuracy_m=accuracy))
        costs[accuracy] = [(r.minutes, r.params) for r in found.reasons if r.code == "coarse"]
        assert found.cost_minutes == pytest.approx(sum(reason.minutes for reason in found.reasons))
    assert costs == {
        None: [],
        100.0: [],
        5_000.0: [(10, {"accuracy_m": 5000})],
        20_000.0: [(20, {"accuracy_m": 20000})],
    }


def test_a_plain_candidate_costs_its_travel() -> None:
    assert reasons(PLAIN) == {"travel": 4.0}
    assert (price(PLAIN).cost_minutes, price(PLAIN).eta_minutes) == (4.0, 4.0)


@pytest.mark.parametrize(
    ("specialities", "code"),
    [
        (("dispute.family", "dispute"), "speciality_match"),
        (("dispute",), "speciality_match"),
        (("dispute.labour", "hazard"), "speciality_mismatch"),
    ],
)
def test_a_speciality_matches_by_category_or_class(specialities: tuple[str, ...], code: str) -> None:
    assert code in reasons(replace(PLAIN, specialities=specialities))


def test_a_force_without_specialities_gains_and_loses_nothing() -> None:
    assert not {"speciality_match", "speciality_mismatch"} & reasons(PLAIN).keys()


def test_call_in_time_is_part_of_the_arrival() -> None:
    called = price(replace(PLAIN, duty="on_call"))
    assert (called.cost_minutes, called.eta_minutes) == (19.0, 19.0)


def test_preferences_do_not_change_the_arrival() -> None:
    expert = price(replace(PLAIN, specialities=("dispute.family",), tasks_today=2))
    assert (expert.cost_minutes, expert.eta_minutes) == (6.0, 4.0)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("c.t.v1.g1", {"own_grid": -3.0}),
        ("c.t.v1.g1.m1", {"own_grid": -3.0}),
        ("c.t.v1", {"own_village": -1.0}),
        ("c.t.v1.g2", {"own_village": -1.0}),
        ("c.t", {}),
        ("c.t.v2.g3", {}),
    ],
)
def test_a_force_of_the_grid_or_village_is_preferred(path: str, expected: dict[str, float]) -> None:
    found = reasons(replace(PLAIN, division_path=path))
    assert {code: found[code] for code in found if code.startswith("own")} == expected


def test_an_incident_outside_all_grids_prefers_no_force() -> None:
    nowhere = replace(INCIDENT, grid_code=None, village_code=None)
    assert reasons(replace(PLAIN, division_path="c.t.v1.g1"), nowhere) == {"travel": 4.0}


@pytest.mark.parametrize(("languages", "code"), [(("wu", "sign"), "language_match"), (("wu",), "language_mismatch")])
def test_a_language_counts_if_the_incident_needs_one(languages: tuple[str, ...], code: str) -> None:
    speaker = replace(PLAIN, languages=languages)
    assert code in reasons(speaker, replace(INCIDENT, language="sign"))
    assert code not in reasons(speaker)


def test_each_task_of_the_day_costs() -> None:
    assert reasons(replace(PLAIN, tasks_today=3))["load"] == 9.0


@pytest.mark.parametrize(("ago", "owed"), [(0, 5.0), (2, 3.0), (5, None), (60, None)])
def test_the_remaining_rest_after_a_task_costs(ago: int, owed: float | None) -> None:
    assert reasons(replace(PLAIN, free_since=NOW - timedelta(minutes=ago))).get("rest") == owed


def test_a_fresh_fix_costs_nothing_and_has_its_age() -> None:
    fresh = price(replace(PLAIN, fix_at=NOW - timedelta(seconds=180)))
    assert (fresh.stale, fresh.fix_age_s, fresh.cost_minutes) == (False, 180.0, 4.0)


@pytest.mark.parametrize(("minutes", "cost"), [(10, 2.0), (25, 5.0), (100, 20.0), (5000, 20.0)])
def test_a_stale_fix_costs_by_its_age_up_to_a_limit(minutes: int, cost: float) -> None:
    stale = replace(PLAIN, fix_at=NOW - timedelta(minutes=minutes))
    assert price(stale).stale
    assert reasons(stale)["stale"] == cost


def test_a_fix_from_the_future_has_age_zero() -> None:
    assert price(replace(PLAIN, fix_at=NOW + timedelta(seconds=5))).fix_age_s == 0.0


def test_a_force_without_fixes_counts_from_home_with_a_reason() -> None:
    at_home = price(replace(PLAIN, fix_at=None))
    assert (at_home.fix_age_s, at_home.stale, at_home.cost_minutes) == (None, False, 6.0)
    assert reasons(replace(PLAIN, fix_at=None))["from_home"] == 2.0


def test_a_force_on_call_is_expected_at_home() -> None:
    assert reasons(replace(PLAIN, fix_at=None, duty="on_call"))["from_home"] == 0.0


def test_a_stale_fix_ranks_after_every_fresh_one_and_stays_listed() -> None:
    near_but_stale = replace(PLAIN, force=2, distance_m=0, fix_at=NOW - timedelta(minutes=4))
    far_but_fresh = replace(PLAIN, force=3, distance_m=50_000)
    ranked = rank(INCIDENT, [near_but_stale, far_but_fresh], terms=TERMS, now=NOW)
    assert [r.candidate.force for r in ranked] == [3, 2]
    assert ranked[0].cost_minutes > ranked[1].cost_minutes


@pytest.mark.parametrize(
    ("candidate", "code"),
    [
        (PLAIN, None),
        (replace(PLAIN, duty="on_call"), None),
        (replace(PLAIN, duty="off"), "off_duty"),
        (replace(PLAIN, busy=True), "busy"),
        (replace(PLAIN, declined=True), "declined"),
        (replace(PLAIN, declined=True, busy=True, duty="off"), "declined"),
        (replace(PLAIN, busy=True, duty="off"), "busy"),
    ],
)
def test_a_force_that_cannot_be_sent_has_one_reason(candidate: Candidate, code: str | None) -> None:
    assert exclusion_code(candidate) == code
    assert (rank(INCIDENT, [candidate], terms=TERMS, now=NOW) == []) == (code is not None)
