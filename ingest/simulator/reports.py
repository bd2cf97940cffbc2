"""Compose report bodies for arrivals, with generated words and no real person's name. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from ingest.simulator.locations import IncidentLocations, shifted
from ingest.simulator.rates import Arrival
from ingest.simulator.terms import TrafficTerms

DUPLICATE_SHARE = 0.03
DUPLICATE_SPREAD_M = 30.0
HANDLING_HOURS, HANDLING_SIGMA = 18.0, 0.9
WORDS, HANDLING = 4, 5

SIMULATED_NUMBER = re.compile(r"[0-9a-f]+-\d{8}-\d{4,}(-2)?")

Body = dict[str, Any]
"""The JSON of `POST /api/incidents`."""


def is_simulated(incident: Mapping[str, Any]) -> bool:
    """Whether a simulator reported the incident, in this run or an earlier one."""
    return SIMULATED_NUMBER.fullmatch(incident["external_no"] or "") is not None


class Reporter:
    """Turns arrivals into reports. The same arrival always gives the same report."""

    def __init__(self, words: TrafficTerms, locations: IncidentLocations, *, seed: int, run: str = "") -> None:
        self._words, self._locations, self._seed, self._run = words, locations, seed, run

    def report(self, arrival: Arrival, *, occurred_at: datetime) -> list[Body]:
        """Compose the reports of one incident: one, and for `DUPLICATE_SHARE` of them a second from another source."""
        rng = np.random.default_rng([self._seed, WORDS, arrival.day.toordinal(), arrival.number])
        first = self._first(arrival, occurred_at, rng)
        if rng.random() >= DUPLICATE_SHARE or len(self._words.source_shares) < 2:
            return [first]
        return [first, self._duplicate(first, arrival, rng)]

    def record(self, arrival: Arrival, *, now: datetime) -> Body:
        """Compose a closed incident of the past. One that would still be open is closed at a random time before now:
        closing all of them in the last second would show as a spike."""
        rng = np.random.default_rng([self._seed, HANDLING, arrival.day.toordinal(), arrival.number])
        taken = timedelta(hours=float(rng.lognormal(np.log(HANDLING_HOURS), HANDLING_SIGMA)))
        age = max(now - arrival.at, timedelta())
        closed = arrival.at + (taken if taken < age else age * rng.random())
        return {**self.report(arrival, occurred_at=arrival.at)[0], "closed_at": closed.isoformat()}

    def _first(self, arrival: Arrival, occurred_at: datetime, rng: np.random.Generator) -> Body:
        lon, lat = self._locations.draw(arrival.at, rng)
        source = _by_share(self._words.source_shares, rng)
        title = _one_of(self._words.titles(arrival.category), rng) or arrival.category
        return {
            "source": source,
            "external_no": self._number(arrival),
            "category": arrival.category,
            "title": title,
            "description": self._detail(arrival.category, title, rng),
            "lon": round(lon, 7),
            "lat": round(lat, 7),
            "occurred_at": occurred_at.isoformat(),
            "risk": _by_share(self._words.risk_shares, rng),
        }

    def _duplicate(self, first: Body, arrival: Arrival, rng: np.random.Generator) -> Body:
        others = {code: share for code, share in self._words.source_shares.items() if code != first["source"]}
        source = _by_share(others, rng)
        east, north = rng.normal(0, DUPLICATE_SPREAD_M, 2)
        lon, lat = shifted(first["lon"], first["lat"], east=float(east), north=float(north))
        words = {
            "title": _one_of(self._words.titles(arrival.category), rng) or first["title"],
            "description": self._detail(arrival.category, first["title"], rng),
        }
        number = self._number(arrival) + "-2"
        return {**first, **words, "source": source, "external_no": number, "lon": round(lon, 7), "lat": round(lat, 7)}

    def _number(self, arrival: Arrival) -> str:
        return f"{self._run}{arrival.day:%Y%m%d}-{arrival.number:04d}"

    def _detail(self, category: str, title: str, rng: np.random.Generator) -> str:
        pattern = _one_of(self._words.details.get(category.split(".", 1)[0], ()), rng)
        return pattern.replace("{who}", _one_of(self._words.people, rng)).replace("{title}", title)


def _one_of(words: Sequence[str], rng: np.random.Generator) -> str:
    return words[int(rng.integers(len(words)))] if words else ""


def _by_share(shares: Mapping[str, float], rng: np.random.Generator) -> str:
    left = rng.random() * sum(shares.values())
    for code, share in shares.items():
        left -= share
        if left < 0:
            return code
    return list(shares)[-1]
