"""Who can be among the first, by the least that a force of its sort costs at a distance. Pure.

A force's sort is its mode of travel, its kind, its specialities for the incident, and whether it is posted there. What
these cost or save is certain before anything else of the force is read.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import inf

from console.dispatching.rules import IncidentFacts, Ranked
from console.dispatching.terms import DispatchTerms
from geo.travel import TravelTime

HALF_ROUND_THE_GLOBE_M = 20_100_000.0
NEAR_ENOUGH_M = 10.0
ROUNDING_MARGIN = 0.5
"""Minutes; more than rounding each reason to a tenth can change a sum by."""

OF_CATEGORY, OF_CLASS, OF_OTHERS, POSTED = "+category", "+class", "+others", "+posted"
"""Specialities for the incident's category, for its class alone, for others alone; of its grid or village."""


def max_distances(
    incident: IncidentFacts,
    best: Sequence[Ranked],
    *,
    terms: DispatchTerms,
    limit: int,
    travel: TravelTime | None = None,
) -> dict[str, float]:
    """Return by sort the distance in metres beyond which no force ranks among the first `limit`.

    A sort reads `mode kind+specialities+posted`. The mode is empty for unknown ones, and the kind where everybody may
    answer; sorts that may not are left out. `best` is a ranking of some forces. A force beyond the distance is later by
    travel and its sort alone than the last of `best`, whatever its other reasons. The distance is half round the globe
    unless `best` has `limit` forces without a stale one. `travel` gives the least minutes that a distance can take, the
    estimate if left out.
    """
    minutes = inf
    if len(best) >= limit and not best[limit - 1].stale:
        minutes = best[limit - 1].cost_minutes + ROUNDING_MARGIN
    saved = {sort: _tenth_above(minutes + most) for sort, most in _saved_at_most(incident, terms)}
    return {
        f"{mode} {sort}": _metres_within(within, travel or terms.minutes, mode)
        for mode in (*terms.modes, "")
        for sort, within in saved.items()
    }


def least_cost(ranked: Ranked, *, terms: DispatchTerms, least: TravelTime) -> float:
    """Return fewer minutes than a candidate costs by whatever way, from its cost by the estimate."""
    candidate = ranked.candidate
    saved = terms.minutes(candidate.distance_m, candidate.mode) - least(candidate.distance_m, candidate.mode)
    return ranked.cost_minutes - saved - ROUNDING_MARGIN


def _saved_at_most(incident: IncidentFacts, terms: DispatchTerms) -> Iterator[tuple[str, float]]:
    """Yield each sort with the most minutes that all reasons except travel can save together."""
    language = min(terms.language_match, terms.language_mismatch, 0.0) if incident.language else 0.0
    tasks = -inf if terms.task_today < 0 else 0.0
    always = language + tasks + min(terms.on_call, 0.0) + min(terms.from_home, 0.0)
    places = {"": 0.0, POSTED: min(terms.own_grid, terms.own_village, 0.0)}
    for kind, skill, preferred in _preferences(incident):
        matches = {OF_CATEGORY: terms.speciality_match, OF_CLASS: terms.speciality_match, "": 0.0}
        least = always + preferred + matches.get(skill, terms.speciality_mismatch)
        yield from ((f"{kind}{skill}{posted}", -(least + place)) for posted, place in places.items())


def _preferences(incident: IncidentFacts) -> Iterator[tuple[str, str, float]]:
    """Yield the kinds that may answer, with which specialities, and at how many minutes; "" for every kind at none."""
    category, who = incident.category, incident.responders
    skills = {OF_CATEGORY: (category,), OF_CLASS: (category.partition(".")[0],), OF_OTHERS: ("",), "": ()}
    if who is None or who.lists is None:
        yield from (("", skill, 0.0) for skill in skills)
        return
    for kind in sorted({one.kind for one in who.listed()}):
        for skill, specialities in skills.items():
            if found := who.find(kind, specialities):
                yield kind, skill, found.minutes


def _tenth_above(minutes: float) -> float:
    """Round up, so that few distances are looked for."""
    return minutes if minutes == inf else round(minutes + 0.05, 1)


@lru_cache(maxsize=8192)
def _metres_within(minutes: float, travel: TravelTime, mode: str) -> float:
    """Find the greatest distance within `minutes` by bisection, since a travel time need not have an inverse."""
    if travel(HALF_ROUND_THE_GLOBE_M, mode) <= minutes:
        return HALF_ROUND_THE_GLOBE_M
    near, far = 0.0, 1000.0
    while travel(far, mode) <= minutes:
        near, far = far, 2 * far
    while far - near > NEAR_ENOUGH_M:
        middle = (near + far) / 2
        near, far = (middle, far) if travel(middle, mode) <= minutes else (near, middle)
    return far
