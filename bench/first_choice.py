"""Our first choice for each call of a city's dispatch records, against the unit that was really first on scene.

Usage: python -m bench.first_choice RESPONSES.parquet [--fit 2016-12-31 2017-01-08] [--test 2020-04-07 2020-04-21]

RESPONSES has a row for each unit sent to a call, as San Francisco's fire department publishes them. Method:

- A call is ranked by the product's own `rank` at the moment when its first unit was sent, among the units that the
  records show to be free then: seen within a day, and without an open response. Nothing later is used.
- A unit starts where its last call was, and has been driving home since then at the pace of the estimate. Home is the
  median of the places of its calls that ended before midnight.
- Who may answer a type of call is told as in a pack: the kinds of unit that were first in a tenth of such calls of the
  days of `--fit`.
- Travel is estimated from the straight distance, and compared with the minutes from being sent to being on scene: once
  with the product's default car, once with a start and a speed fitted to the first on scene in the days of `--fit`, by
  the least sum of absolute errors. Nothing is fitted to the days of `--test`. Weights are the product's defaults; once
  travel alone counts.

Limits: places between calls are guessed, hospitals have no place in the records, and no streets are used. A unit that
was not sent cannot have been first, so the shares of the first on scene are held down for every way of choosing; and
of units not sent the minutes are known by the estimate only, so both sums are given by it. `order` is free of both:
of the units that really came, how often the one that we rank best was first, beside chance. (The records' own number of
a unit in its call is given afterwards, by arrival: it is first in 99 of 100, and no peer.)
Calls are left out, and counted, whose first unit was there within half a minute (it met the call) or after an hour.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from bench.city import Call, Seen, calls_of, read_responses
from console.dispatching.answering import Answer, Responder, responders_to
from console.dispatching.rules import IncidentFacts, rank
from console.dispatching.terms import DispatchTerms, TravelMode
from geo.travel import DEFAULT_MODES, Mode

FIT, TEST = ("2016-12-31", "2017-01-08"), ("2020-04-07", "2020-04-21")
OFTEN = 0.1
MEDICAL = "medical_incident"
CAR = DEFAULT_MODES["car"]
PREFERENCES = ("task_today", "rest_minutes")
"""The weights besides travel that can differ between a city's units: they have no specialities, grids or languages."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a ranking says of calls. Minutes are from being sent to being on scene.

    `known`: the first on scene was among the free units. `errors`: estimated less real, for it. `first`, `three`: it
    was our first, in our first three; `chance` and `nearest` are the same by lot and by the nearest home, each (first,
    three). `sent`: our first was sent at all. `barred`: it was free, but of a kind that may not answer. `order`: of the
    `several` calls to which two known units or more came, (ours, chance) that were first. `ours`, `theirs`, `real`:
    sums over the known, the first two by the same estimate.
    """

    calls: int
    known: int
    barred: int
    errors: np.ndarray
    first: int
    three: int
    chance: tuple[float, float]
    nearest: tuple[int, int]
    sent: int
    several: int
    order: tuple[int, float]
    ours: float
    theirs: float
    real: float


def terms_of(car: Mode, *, alone: bool = False) -> DispatchTerms:
    """Return the default terms with this car; with `alone`, nothing but travel costs."""
    mode = TravelMode.model_validate({"mode": "car", "names": {"zh": "汽车", "en": "Car"}, **car.model_dump()})
    return DispatchTerms.model_validate({"travel": (mode,), **(dict.fromkeys(PREFERENCES, 0) if alone else {})})


def answers_of(seen: Seen) -> list[Answer]:
    """Return who may answer a type of call: the kinds that came first often enough."""
    first: dict[str, Counter[str]] = defaultdict(Counter)
    for call in seen.calls:
        first[call.kind][seen.kinds[call.first]] += 1
    return [
        Answer(to=(type_of_call,), lead=tuple(Responder(kind=k) for k, n in by.items() if n >= OFTEN * by.total()))
        for type_of_call, by in first.items()
    ]


def fitted(calls: Sequence[Call]) -> Mode:
    """Fit start and speed of a car to the first on scene, by the least sum of absolute errors."""
    known = [
        (one.units[one.first].distance_m / 1000, one.arrived[one.first]) for one in calls if one.first in one.units
    ]
    km, minutes = np.array(known).T
    guess = np.array([CAR.start_minutes, CAR.minutes_per_km])
    start, pace = minimize(lambda x: np.abs(x[0] + x[1] * km - minutes).sum(), guess, method="Nelder-Mead").x
    return Mode(kmh=CAR.detour * 60 / pace, detour=CAR.detour, start_minutes=max(0.0, start))


def judge(calls: Sequence[Call], answers: Sequence[Answer], terms: DispatchTerms) -> Found:
    """Rank the units of each call, and count what the ranking says of those that really came."""
    errors, counts, minutes = [], Counter[str](), np.zeros(3)
    chance, by_lot = np.zeros(2), 0.0
    for call in calls:
        facts = IncidentFacts(
            call.kind, None, None, responders=responders_to(answers, category=call.kind, risk="normal")
        )
        ranked = rank(facts, [*call.units.values()], terms=terms, now=call.at)
        names, estimated = (
            [one.candidate.name for one in ranked],
            {one.candidate.name: one.eta_minutes for one in ranked},
        )
        came = [unit for unit in names if unit in call.arrived]
        if len(came) > 1 and call.first in estimated:
            counts.update(several=1, ours_first=came[0] == call.first)
            by_lot += 1 / len(came)
        if call.first not in estimated:
            counts.update(barred=call.first in call.units)
            continue
        nearest = sorted(names, key=call.from_home.__getitem__)
        counts.update(
            known=1,
            first=call.first == names[0],
            three=call.first in names[:3],
            near_first=call.first == nearest[0],
            near_three=call.first in nearest[:3],
            sent=names[0] in call.sent,
        )
        chance += (1 / len(names), min(3, len(names)) / len(names))
        errors.append(estimated[call.first] - call.arrived[call.first])
        minutes += (estimated[names[0]], estimated[call.first], call.arrived[call.first])
    ours, theirs, real = minutes.tolist()
    return Found(
        calls=len(calls),
        known=counts["known"],
        barred=counts["barred"],
        errors=np.array(errors),
        first=counts["first"],
        three=counts["three"],
        chance=(float(chance[0]), float(chance[1])),
        nearest=(counts["near_first"], counts["near_three"]),
        sent=counts["sent"],
        several=counts["several"],
        order=(counts["ours_first"], by_lot),
        ours=ours,
        theirs=theirs,
        real=real,
    )


def summary(name: str, found: Found) -> str:
    n, off = found.known, np.abs(found.errors)
    ours, lot = found.order
    near, three = found.nearest
    return f"""{name}: {found.calls} calls; the first on scene was free and known in {n} ({n / found.calls:.0%}), \
of a kind that may not answer in {found.barred}
  travel: error median {np.median(off):.1f}, p90 {np.quantile(off, 0.9):.1f} minutes; \
bias median {np.median(found.errors):+.1f}, mean {found.errors.mean():+.1f}
  the first on scene is our first in {found.first / n:.0%} (nearest home {near / n:.0%}, chance \
{found.chance[0] / n:.1%}), in our first three in {found.three / n:.0%} (nearest home {three / n:.0%}, chance \
{found.chance[1] / n:.1%}); our first was sent in {found.sent / n:.0%}
  order: of those that came, our best was first in {ours / found.several:.0%} of {found.several} calls (chance \
{lot / found.several:.0%})
  minutes by the estimate: ours {found.ours:,.0f}, theirs {found.theirs:,.0f} ({found.ours / found.theirs - 1:+.0%}); \
theirs really {found.real:,.0f}"""


def report(file: Path, *, fit: Sequence[str], test: Sequence[str], most: int | None = None) -> str:
    """Say what the rankings of both periods are worth: with the default car and with the one fitted to the first."""
    responses = read_responses(file)
    learned, tried = (calls_of(responses, days, car=CAR, most=most) for days in (fit, test))
    answers, car = answers_of(learned), fitted(learned.calls)
    lines = [
        f"{name}: {len(seen.calls)} calls from {days[0]} until {days[1]}, after the first day; "
        f"left out: {seen.met} met, {seen.late} later than an hour"
        for name, seen, days in (("fitted to", learned, fit), ("tested on", tried, test))
    ]
    lines.append(f"fitted car: {car.kmh:.0f} km/h at a detour of {car.detour}, after {car.start_minutes:.1f} minutes")
    alone = terms_of(car, alone=True)
    medical = [call for call in tried.calls if call.kind == MEDICAL]
    others = [call for call in tried.calls if call.kind != MEDICAL]
    wanted: Sequence[tuple[str, Sequence[Call], DispatchTerms]] = (
        ("tested, default car and weights", tried.calls, terms_of(CAR)),
        ("tested, default car, travel alone", tried.calls, terms_of(CAR, alone=True)),
        ("tested, fitted car, travel alone", tried.calls, alone),
        ("of these, medical incidents", medical, alone),
        ("of these, all others", others, alone),
        ("fitted to, fitted car, travel alone", learned.calls, alone),
    )
    lines += [summary(name, judge(calls, answers, terms)) for name, calls, terms in wanted if calls]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("responses", type=Path)
    parser.add_argument("--fit", nargs=2, default=FIT, metavar=("FROM", "TO"))
    parser.add_argument("--test", nargs=2, default=TEST, metavar=("FROM", "TO"))
    options = parser.parse_args()
    sys.stdout.write(report(options.responses, fit=options.fit, test=options.test))


if __name__ == "__main__":
    main()
