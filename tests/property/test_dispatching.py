"""For any forces anywhere: costs are sums of reasons, stale fixes rank last, and farther is never cheaper."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from console.dispatching.answering import Answer, Responder, responders_to
from console.dispatching.bounds import OF_CATEGORY, OF_CLASS, OF_OTHERS, POSTED, max_distances
from console.dispatching.rules import (
    Candidate,
    IncidentFacts,
    bar_code,
    evaluate,
    exclusion_code,
    first_of,
    rank,
    sort_key,
)
from console.dispatching.terms import DispatchTerms, TravelMode
from console.flow.terms import Role
from geo.terms import Names
from tests.worlds import NOW

minutes = st.floats(-60, 60)
codes = st.sampled_from(["dispute", "dispute.family", "hazard", "hazard.fire", "errand.care"])
languages = st.sampled_from(["wu", "sign"])
WEIGHTS = ("speciality_", "task_", "on_", "own_", "language_", "from_")
names = Names(zh="甲", en="A")
terms = st.builds(
    DispatchTerms,
    **{name: minutes for name in DispatchTerms.model_fields if name.startswith(WEIGHTS)},
    rest_minutes=st.floats(0, 60),
    stale_after_seconds=st.floats(1, 3600),
    stale_per_10_minutes=st.floats(0, 10),
    stale_at_most=st.floats(0, 60),
    coarse_per_km=st.floats(0, 10),
    coarse_at_most=st.floats(0, 60),
    travel=st.floats(1, 120).map(
        lambda kmh: tuple(TravelMode(mode=mode, names=names, kmh=kmh, detour=1) for mode in ("walk", "car"))
    ),
)
moments = st.floats(0, 7200).map(lambda seconds: NOW - timedelta(seconds=seconds))
paths = st.lists(st.sampled_from(["c", "v1", "v2", "g1", "g2"]), min_size=1, max_size=4).map(".".join)
candidates = st.builds(
    Candidate,
    force=st.integers(1, 10**6),
    name=st.just("甲"),
    kind=st.sampled_from(["patrol", "mediator"]),
    mode=st.sampled_from(["walk", "car"]),
    duty=st.sampled_from(["on", "on_call", "off"]),
    specialities=st.lists(codes, max_size=3).map(tuple),
    languages=st.lists(languages, max_size=2).map(tuple),
    division_path=paths,
    distance_m=st.floats(0, 100_000),
    fix_at=st.none() | moments,
    accuracy_m=st.none() | st.floats(0, 50_000),
    tasks_today=st.integers(0, 20),
    free_since=st.none() | moments,
    busy=st.booleans(),
    declined=st.booleans(),
    sent=st.booleans(),
    recalled=st.booleans(),
)
responder = st.builds(
    Responder,
    kind=st.sampled_from(["patrol", "mediator"]),
    needs=st.sampled_from([None, "class", "category"]),
    minutes=minutes,
)
rules = st.lists(
    st.builds(
        Answer,
        to=codes.map(lambda code: (code,)),
        lead=st.lists(responder, min_size=1, max_size=2).map(tuple),
        support=st.none() | st.lists(responder, max_size=2).map(tuple),
    ),
    max_size=3,
)
incidents = st.builds(
    lambda rules, role, **facts: IncidentFacts(
        **facts, responders=responders_to(rules, category=facts["category"], risk="low", role=role)
    ),
    rules=rules,
    role=st.sampled_from(Role),
    category=codes,
    grid_code=st.sampled_from([None, "g1", "g2"]),
    village_code=st.sampled_from([None, "v1", "v2"]),
    language=st.none() | languages,
)
lists = st.lists(candidates, max_size=12, unique_by=lambda c: c.force)


@given(incidents, lists, terms)
def test_the_reasons_sum_to_the_cost(
    incident: IncidentFacts, candidates: list[Candidate], terms: DispatchTerms
) -> None:
    for ranked in rank(incident, candidates, terms=terms, now=NOW):
        tenths = [round(reason.minutes * 10) for reason in ranked.reasons]
        assert all(abs(t / 10 - reason.minutes) < 1e-9 for t, reason in zip(tenths, ranked.reasons, strict=True))
        assert sum(tenths) == round(ranked.cost_minutes * 10)
        assert abs(sum(reason.minutes for reason in ranked.reasons) - ranked.cost_minutes) < 1e-9


@given(incidents, lists, terms)
def test_every_force_is_either_listed_or_excluded_with_a_reason(
    incident: IncidentFacts, candidates: list[Candidate], terms: DispatchTerms
) -> None:
    ranked = [r.candidate.force for r in rank(incident, candidates, terms=terms, now=NOW)]
    excluded = {c.force: exclusion_code(c, incident) for c in candidates if exclusion_code(c, incident)}
    assert sorted([*ranked, *excluded]) == sorted(c.force for c in candidates)


@given(incidents, lists, terms, st.integers(1, 12))
def test_a_short_list_is_no_longer_than_asked_and_has_the_best_and_the_recalled(
    incident: IncidentFacts, candidates: list[Candidate], terms: DispatchTerms, limit: int
) -> None:
    ranked = rank(incident, candidates, terms=terms, now=NOW)
    listed = first_of(ranked, limit=limit)
    assert len(listed) == min(limit, len(ranked)) and listed[:1] == ranked[:1]
    assert listed == sorted(listed, key=sort_key)
    recalled = [r for r in ranked if r.candidate.recalled]
    assert len([r for r in listed if r.candidate.recalled]) >= min(len(recalled), limit - 1)
    reasons = [{reason.code for reason in r.reasons} for r in recalled]
    assert all("recalled" in codes for codes in reasons)


@given(incidents, candidates)
def test_whoever_may_lead_may_support_and_whoever_may_support_may_observe(
    incident: IncidentFacts, candidate: Candidate
) -> None:
    assert incident.responders is not None
    roles = incident.responders.roles(candidate.kind, candidate.specialities)
    assert roles == tuple(Role)[len(Role) - len(roles) :]
    assert (bar_code(incident, candidate) is None) == (incident.responders.role in roles)


@given(incidents, lists, terms)
def test_stale_fixes_come_last_and_costs_ascend(
    incident: IncidentFacts, candidates: list[Candidate], terms: DispatchTerms
) -> None:
    ranked = rank(incident, candidates, terms=terms, now=NOW)
    order = [(r.stale, r.cost_minutes) for r in ranked]
    assert order == sorted(order)


@given(incidents, lists, terms, st.integers(1, 4), st.integers(0, 12))
def test_no_force_beyond_the_maximum_distance_ranks_among_the_best(
    incident: IncidentFacts, candidates: list[Candidate], terms: DispatchTerms, limit: int, looked_at: int
) -> None:
    few = rank(incident, candidates[:looked_at], terms=terms, now=NOW)
    metres = max_distances(incident, few, terms=terms, limit=limit)
    for ranked in rank(incident, candidates, terms=terms, now=NOW)[:limit]:
        assert ranked.candidate.distance_m <= metres[_sort(incident, ranked.candidate)]


def _sort(incident: IncidentFacts, candidate: Candidate) -> str:
    kind = candidate.kind if incident.responders and incident.responders.lists is not None else ""
    skill = OF_OTHERS if candidate.specialities else ""
    if incident.specialities & {*candidate.specialities}:
        skill = OF_CATEGORY if incident.category in candidate.specialities else OF_CLASS
    posted = {incident.grid_code, incident.village_code} & set(candidate.division_path.split("."))
    return f"{candidate.mode} {kind}{skill}{POSTED if posted else ''}"


@given(incidents, lists, terms, st.randoms())
def test_the_order_of_the_candidates_makes_no_difference(
    incident: IncidentFacts, candidates: list[Candidate], terms: DispatchTerms, random: Random
) -> None:
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert rank(incident, shuffled, terms=terms, now=NOW) == rank(incident, candidates, terms=terms, now=NOW)


@given(incidents, candidates, terms, st.floats(0, 50_000))
def test_farther_is_never_cheaper_nor_sooner(
    incident: IncidentFacts, candidate: Candidate, terms: DispatchTerms, more: float
) -> None:
    near = evaluate(incident, candidate, terms=terms, now=NOW)
    far = evaluate(incident, replace(candidate, distance_m=candidate.distance_m + more), terms=terms, now=NOW)
    assert far.cost_minutes >= near.cost_minutes
    assert far.eta_minutes >= near.eta_minutes


@given(incidents, candidates, terms, st.floats(0, 7200))
def test_an_older_fix_is_never_better(
    incident: IncidentFacts, candidate: Candidate, terms: DispatchTerms, seconds: float
) -> None:
    newer = replace(candidate, fix_at=candidate.fix_at or NOW)
    older = replace(newer, fix_at=(newer.fix_at or NOW) - timedelta(seconds=seconds))
    before, after = (evaluate(incident, c, terms=terms, now=NOW) for c in (newer, older))
    assert (before.stale, before.cost_minutes) <= (after.stale, after.cost_minutes)
