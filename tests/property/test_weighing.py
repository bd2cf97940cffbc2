"""For any rankings: the weights of then change nothing, and other weights do what ranking anew would have done."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from console.dispatching.rankings import KEPT, ranking_of
from console.dispatching.rules import Candidate, IncidentFacts, evaluate, rank
from console.dispatching.terms import DispatchTerms, WeightCode
from console.weighing.rules import weigh
from tests.property.test_dispatching import incidents, lists, terms
from tests.worlds import NOW

weights = st.sampled_from(WeightCode.__args__)
factors = st.dictionaries(weights, st.sampled_from([0.0, 0.5, 2.0, 10.0]))
OFF = 0.05
"""Minutes by which rounding to tenths can be off, for a minute of each reason that is multiplied."""


@given(incidents, lists, terms, weights)
def test_the_weights_of_then_change_nothing(
    incident: IncidentFacts, candidates: list[Candidate], terms: DispatchTerms, code: WeightCode
) -> None:
    ranked = rank(incident, candidates, terms=terms, now=NOW)
    if not ranked:
        return
    kept = ranking_of(ranked[:KEPT], ranked[-1])
    assert kept is not None and kept["forces"][0] == ranked[0].candidate.force
    found = weigh([kept], {code: 1.0})
    assert not found.changed.any() and found.before.forces.tolist() == [ranked[0].candidate.force]
    assert round(float(found.before.minutes[0]), 1) == ranked[0].eta_minutes
    costs = [one.cost_minutes for one in ranked[:KEPT] if one.stale == ranked[0].stale]
    assert found.before.tied.tolist() == [costs.count(ranked[0].cost_minutes) > 1]


@given(incidents, lists, terms, factors)
def test_other_weights_do_what_ranking_anew_would_have_done(
    incident: IncidentFacts, candidates: list[Candidate], terms: DispatchTerms, factors: Mapping[WeightCode, float]
) -> None:
    ranked = rank(incident, candidates, terms=terms, now=NOW)[:KEPT]
    if not ranked:
        return
    scaled = {name: value * factor for code, factor in factors.items() for name, value in terms.weight(code).items()}
    anew = terms.model_copy(update=scaled)
    costs = {one.candidate.force: evaluate(incident, one.candidate, terms=anew, now=NOW) for one in ranked}
    kept = ranking_of(ranked, ranked[0])
    assert kept is not None
    (first,) = weigh([kept], factors).after.forces.tolist()
    best = min(costs.values(), key=lambda one: (one.stale, one.cost_minutes))
    off = 2 * OFF * sum(1 + factor for factor in factors.values())
    assert costs[first].stale == best.stale and costs[first].cost_minutes <= best.cost_minutes + off


@given(incidents, lists, terms)
def test_a_weight_changes_the_minutes_of_its_own_reason_only(
    incident: IncidentFacts, candidates: list[Candidate], terms: DispatchTerms
) -> None:
    """The first without any of its minutes is the cheapest of the rest of the sum."""
    ranked = rank(incident, candidates, terms=terms, now=NOW)[:KEPT]
    if not ranked:
        return
    kept = ranking_of(ranked, ranked[0])
    assert kept is not None
    rest = {
        one.candidate.force: (one.stale, round(sum(r.minutes for r in one.reasons if r.code != "load"), 1))
        for one in ranked
    }
    (first,) = weigh([kept], {"load": 0.0}).after.forces.tolist()
    assert rest[first] == min(rest.values())
