"""Rank candidate forces for an incident. Pure.

Every cost is in minutes: the travel time, plus the minutes that each other reason costs or saves, so that an operator
can read the sum and disagree with a summand.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from console.dispatching.answering import Responders
from console.dispatching.terms import DispatchTerms
from console.flow.terms import Role
from geo.fixes import COARSE_M
from layers.roads.rules import Way

NO_WAY = "travel.no_way"
PERSUADED = frozenset({"declined", NO_WAY})
"""Codes of forces that nobody proposes, and that a dispatcher may send all the same: they know better."""


Doubt = Literal["roads", "closures"]
"""Why travel is estimated though there are roads: they did not answer, and so what is closed is not counted either."""


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """Fields of an incident that the ranking uses. `language` is set where the parties need one.

    `responders` are those who may be sent, in the role to fill; None if everybody may.
    """

    category: str
    grid_code: str | None
    village_code: str | None
    language: str | None = None
    responders: Responders | None = None

    @property
    def specialities(self) -> frozenset[str]:
        """Specialities that match the incident: its category and its class."""
        return frozenset((self.category, self.category.split(".", 1)[0]))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A force in its current state.

    `distance_m` is the straight distance from its last sound fix, or from home where `fix_at` is None. `accuracy_m` is
    the fix's, None if unknown. `tasks_today` counts the tasks of the last 24 hours; `free_since` is the end of its last
    task. `lon` and `lat` are where it is taken from. `way` is its way by road to the incident, if known; `no_way` says
    that there is none; `doubt` why an estimate stands in for it. `declined` means that it has declined this incident,
    `recalled` that it was sent and recalled, `sent` that it has an active task at it. `roster` is its attendance on the
    roster now, or `leave`, None where it is on none; `answer_minutes` is how soon it is there when on call by the
    roster, None where the shift does not say.
    `hidden_since`: its phone's page went into the background then, and no fix has come since.
    """

    force: int
    name: str
    kind: str
    mode: str
    duty: str
    specialities: tuple[str, ...]
    languages: tuple[str, ...]
    division_path: str
    distance_m: float
    fix_at: datetime | None = None
    accuracy_m: float | None = None
    tasks_today: int = 0
    free_since: datetime | None = None
    lon: float = 0.0
    lat: float = 0.0
    busy: bool = False
    declined: bool = False
    sent: bool = False
    recalled: bool = False
    roster: str | None = None
    answer_minutes: int | None = None
    hidden_since: datetime | None = None
    way: Way | None = None
    no_way: bool = False
    doubt: Doubt | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One summand in minutes, a multiple of a tenth."""

    code: str
    minutes: float
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its cost, the sum of its reasons.

    `eta_minutes` is the time to arrival: call-in and travel, without the reasons of preference. `roles` are those in
    which it may be sent.
    """

    candidate: Candidate
    reasons: tuple[Reason, ...]
    cost_minutes: float
    eta_minutes: float
    fix_age_s: float | None
    stale: bool
    roles: tuple[Role, ...] = tuple(Role)


def bar_code(incident: IncidentFacts, candidate: Candidate) -> str | None:
    """Return the code of the reason why a force may not answer the incident in the role, or None if it may."""
    return incident.responders.bar(candidate.kind, candidate.specialities) if incident.responders else None


def exclusion_code(candidate: Candidate, incident: IncidentFacts | None = None) -> str | None:
    """Return the code of the reason why a force cannot be sent, or None if it can."""
    if candidate.sent:
        return "sent"
    if candidate.declined:
        return "declined"
    if incident and (bar := bar_code(incident, candidate)):
        return bar
    if candidate.busy:
        return "busy"
    if candidate.roster == "leave":
        return "on_leave"
    if candidate.duty == "off":
        return "off_duty"
    return NO_WAY if candidate.no_way else None


def blocked_code(candidate: Candidate, incident: IncidentFacts) -> str | None:
    """Return the code of the reason why a force may not be sent by anybody, or None where a dispatcher may."""
    code = exclusion_code(replace(candidate, declined=False), incident)
    return None if code in PERSUADED else code


def rank(
    incident: IncidentFacts, candidates: Sequence[Candidate], *, terms: DispatchTerms, now: datetime
) -> list[Ranked]:
    """Order the forces that can be sent by cost in minutes, the sum of their reasons.

    A stale fix ranks after every fresh one but stays listed; if it were hidden, operators would have to telephone.
    """
    able = (c for c in candidates if exclusion_code(c, incident) is None)
    return sorted((evaluate(incident, c, terms=terms, now=now) for c in able), key=sort_key)


def first_of(ranked: Sequence[Ranked], *, limit: int) -> list[Ranked]:
    """Return the first `limit` of a ranking. Recalled forces beyond it stand in place of the last.

    An operator looks for the force that they have just recalled. The best stays first.
    """
    late = [one for one in ranked[limit:] if one.candidate.recalled][: limit - 1]
    return [*ranked[: limit - len(late)], *late]


def sort_key(ranked: Ranked) -> tuple[bool, float, float, int]:
    """Sort key of a ranking. Equal costs are ordered by distance, then by force, so that a ranking is repeatable."""
    return ranked.stale, ranked.cost_minutes, ranked.candidate.distance_m, ranked.candidate.force


def evaluate(incident: IncidentFacts, candidate: Candidate, *, terms: DispatchTerms, now: datetime) -> Ranked:
    """Compute the cost of sending a candidate, even one that cannot be sent."""
    age = None if candidate.fix_at is None else max(0.0, (now - candidate.fix_at).total_seconds())
    on_the_way = [*_travel(candidate, terms), *_duty(candidate, terms)]
    preference = [
        *_preference(incident, candidate),
        *_speciality(incident, candidate, terms),
        *_language(incident, candidate, terms),
        *_neighbourhood(incident, candidate, terms),
        *_load(candidate, terms, now=now),
        *_recalled(candidate, terms),
        *_position(candidate, terms, age=age, now=now),
    ]
    return Ranked(
        candidate=candidate,
        reasons=(*on_the_way, *preference),
        cost_minutes=_sum([*on_the_way, *preference]),
        eta_minutes=_sum(on_the_way),
        fix_age_s=age,
        stale=age is not None and age > terms.stale_after_seconds,
        roles=_roles(incident, candidate),
    )


def cost_of_force(candidate: Candidate, *, terms: DispatchTerms, now: datetime) -> float:
    """Return what a force costs for any incident: its duty, its load, and how uncertain its position is."""
    age = None if candidate.fix_at is None else max(0.0, (now - candidate.fix_at).total_seconds())
    reasons = [
        *_duty(candidate, terms),
        *_load(candidate, terms, now=now),
        *_position(candidate, terms, age=age, now=now),
    ]
    return _sum(reasons)


def cost_of_match(incident: IncidentFacts, candidate: Candidate, *, terms: DispatchTerms) -> float:
    """Return what its kind, specialities and languages cost at an incident of this sort, wherever that is."""
    matches = (_speciality(incident, candidate, terms), _language(incident, candidate, terms))
    return _sum([*_preference(incident, candidate), *(reason for match in matches for reason in match)])


def cost_of_way(candidate: Candidate, terms: DispatchTerms) -> float:
    """Return the minutes of a force's way, by road where that is known."""
    return _sum([*_travel(candidate, terms)])


def cost_of_place(incident: IncidentFacts, candidate: Candidate, *, terms: DispatchTerms) -> float:
    """Return what a force saves for being of the incident's grid or village."""
    return _sum([*_neighbourhood(incident, candidate, terms)])


def _roles(incident: IncidentFacts, candidate: Candidate) -> tuple[Role, ...]:
    if incident.responders is None:
        return tuple(Role)
    return incident.responders.roles(candidate.kind, candidate.specialities)


def _reason(code: str, minutes: float, **params: Any) -> Reason:
    return Reason(code, round(minutes, 1), params)


def _sum(reasons: Sequence[Reason]) -> float:
    """Sum multiples of a tenth; rounding again removes binary fractions only."""
    return round(sum(reason.minutes for reason in reasons), 1)


def _travel(candidate: Candidate, terms: DispatchTerms) -> Iterator[Reason]:
    """By road where the way is known, with its `route_m`; else an estimate, with the straight `distance_m`."""
    way = candidate.way
    if way is None:
        minutes = terms.minutes(candidate.distance_m, candidate.mode)
        doubt = {"doubt": candidate.doubt} if candidate.doubt else {}
        yield _reason("travel", minutes, mode=candidate.mode, distance_m=round(candidate.distance_m), **doubt)
        return
    _, mode = terms.road_mode(candidate.mode)
    yield _reason("travel", mode.start_minutes + way.minutes, mode=candidate.mode, route_m=round(way.metres))
    if way.off_road_m:
        yield _reason("off_road", way.off_road_minutes, off_road_m=round(way.off_road_m))
    if way.closed_m:
        yield _reason("road_closed", way.closed_minutes, closed_m=round(way.closed_m))


def _duty(candidate: Candidate, terms: DispatchTerms) -> Iterator[Reason]:
    """Time to answer of a force on call. Its roster says so, or else its duty; one that serves now is there."""
    if candidate.roster == "on_call":
        minutes = terms.on_call if candidate.answer_minutes is None else candidate.answer_minutes
        yield _reason("on_call", minutes, roster="on_call")
    elif candidate.roster in ("resident", "rotating"):
        yield _reason("on_roster", 0, roster=candidate.roster)
    elif candidate.duty == "on_call":
        yield _reason("on_call", terms.on_call)


def _preference(incident: IncidentFacts, candidate: Candidate) -> Iterator[Reason]:
    """Minutes by which the place prefers other kinds for this category, or this one."""
    if incident.responders is None:
        return
    found = incident.responders.find(candidate.kind, candidate.specialities)
    if found and found.minutes:
        yield _reason("preference", found.minutes, kind=candidate.kind, role=incident.responders.role.value)


def _recalled(candidate: Candidate, terms: DispatchTerms) -> Iterator[Reason]:
    if candidate.recalled:
        yield _reason("recalled", terms.recalled)


def _speciality(incident: IncidentFacts, candidate: Candidate, terms: DispatchTerms) -> Iterator[Reason]:
    """A force without specialities gains and loses nothing."""
    if not candidate.specialities:
        return
    match = incident.specialities & set(candidate.specialities)
    if match:
        yield _reason("speciality_match", terms.speciality_match, category=max(match, key=len))
    else:
        yield _reason("speciality_mismatch", terms.speciality_mismatch, category=incident.category)


def _language(incident: IncidentFacts, candidate: Candidate, terms: DispatchTerms) -> Iterator[Reason]:
    if incident.language is None:
        return
    if incident.language in candidate.languages:
        yield _reason("language_match", terms.language_match, language=incident.language)
    else:
        yield _reason("language_mismatch", terms.language_mismatch, language=incident.language)


def _neighbourhood(incident: IncidentFacts, candidate: Candidate, terms: DispatchTerms) -> Iterator[Reason]:
    """Prefer a force of the incident's grid, or else of its village, which knows the people there."""
    posted = candidate.division_path.split(".")
    if incident.grid_code in posted:
        yield _reason("own_grid", terms.own_grid)
    elif incident.village_code in posted:
        yield _reason("own_village", terms.own_village)


def _load(candidate: Candidate, terms: DispatchTerms, *, now: datetime) -> Iterator[Reason]:
    if candidate.tasks_today:
        yield _reason("load", terms.task_today * candidate.tasks_today, tasks=candidate.tasks_today)
    if candidate.free_since is not None:
        rested = max(timedelta(), now - candidate.free_since)
        owed = terms.rest_minutes - rested / timedelta(minutes=1)
        if owed > 0:
            yield _reason("rest", owed)


def _position(candidate: Candidate, terms: DispatchTerms, *, age: float | None, now: datetime) -> Iterator[Reason]:
    """Cost of an uncertain position. A force on call is expected at home, so its position is certain.

    Behind another app or a locked screen a page sends nothing: doubt grows from that moment, not once the fix is old.
    """
    if age is None:
        yield _reason("from_home", 0 if candidate.duty == "on_call" else terms.from_home)
    elif candidate.hidden_since is not None:
        hidden = max(0.0, (now - candidate.hidden_since).total_seconds())
        cost = terms.stale_per_10_minutes * max(hidden, age) / 600
        yield _reason("stale", min(cost, terms.stale_at_most), age_s=round(age), hidden_s=round(hidden))
    elif age > terms.stale_after_seconds:
        cost = terms.stale_per_10_minutes * age / 600
        yield _reason("stale", min(cost, terms.stale_at_most), age_s=round(age))
    if age is not None and candidate.accuracy_m is not None and candidate.accuracy_m > COARSE_M:
        cost = terms.coarse_per_km * candidate.accuracy_m / 1000
        yield _reason("coarse", min(cost, terms.coarse_at_most), accuracy_m=round(candidate.accuracy_m))
