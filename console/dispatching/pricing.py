"""What each force would cost for each of many incidents, as the ranking counts it. Pure.

A cost is the sum of what a force costs anywhere, which incidents of one sort share, and of its way. Only the forces
that can be part of a best assignment are measured: of so many asks, each finds its force among as many of its cheapest.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from console.dispatching.answering import Responders
from console.dispatching.packages import Slot
from console.dispatching.rules import (
    Candidate,
    IncidentFacts,
    bar_code,
    cost_of_force,
    cost_of_match,
    cost_of_place,
    exclusion_code,
)
from console.dispatching.terms import DispatchTerms
from geo.travel import EARTH_RADIUS_M

SPHERE_ERROR = 0.006
"""Most by which a distance on the sphere differs from one on the ellipsoid, as a share of it."""
Metres = Mapping[tuple[int, int], float]
"""Exact straight distances by incident and force."""


def tenths(minutes: float) -> int:
    """Convert minutes that are rounded to tenths."""
    return round(minutes * 10)


@dataclass(frozen=True, slots=True)
class Wanting:
    """An incident that asks for forces. `declined`, `recalled` and `sent` are forces that did, were or are there."""

    incident: int
    lon: float
    lat: float
    risk: str
    facts: IncidentFacts
    declined: frozenset[int] = frozenset()
    recalled: frozenset[int] = frozenset()
    sent: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Priced:
    """The forces that one slot of an incident may get: tenths of minutes by force without their way; and by code how
    many forces may not fill it.
    """

    apart: Mapping[int, int]
    barred: Mapping[str, int]


class Pool:
    """All forces within reach, with what they cost for incidents of one sort."""

    def __init__(
        self, candidates: Sequence[Candidate], *, levels: Sequence[str], terms: DispatchTerms, now: datetime
    ) -> None:
        self.by_id = {one.force: one for one in sorted(candidates, key=lambda one: one.force)}
        self._levels, self._terms, self._now = levels, terms, now
        self._known: dict[tuple[object, ...], Priced] = {}

    def level_of(self, force: int) -> str:
        """Return the level of the division that a force is posted to, "" where it is not known."""
        depth = self.by_id[force].division_path.count(".") if force in self.by_id else -1
        return self._levels[depth] if 0 <= depth < len(self._levels) else ""

    def price(self, wanting: Wanting, slot: Slot, responders: Responders) -> Priced:
        """Price the forces for a slot of an incident."""
        facts = replace(wanting.facts, responders=responders)
        key = (facts.category, facts.language, wanting.risk, slot)
        priced = self._known.get(key)
        if priced is None:
            priced = self._known[key] = self._price(replace(facts, grid_code=None, village_code=None), slot)
        apart, barred = dict(priced.apart), Counter(priced.barred)
        for code, forces in (("declined", wanting.declined), ("sent", wanting.sent)):
            gone = [force for force in forces if apart.pop(force, None) is not None]
            barred[code] += len(gone)
        for force in wanting.recalled & apart.keys():
            apart[force] += tenths(self._terms.recalled)
        for force in self._neighbours(facts) & apart.keys():
            apart[force] += tenths(cost_of_place(facts, self.by_id[force], terms=self._terms))
        return Priced(apart, +barred)

    def nearest(self, wanting: Wanting, apart: Mapping[int, int], *, many: int) -> list[int]:
        """Return the forces that can be among the `many` cheapest ones."""
        if len(apart) <= many:
            return [*apart]
        forces = np.fromiter(apart, dtype=np.int64, count=len(apart))
        at = np.array([self._index[force] for force in apart])
        metres = _on_the_sphere(wanting.lon, wanting.lat, self._places[at])
        cost = np.fromiter(apart.values(), dtype=float, count=len(apart)) + 10 * (self._pace[at, 0])
        way = 10 * self._pace[at, 1] * metres
        least, most = cost + way * (1 - SPHERE_ERROR) - 1, cost + way * (1 + SPHERE_ERROR) + 1
        limit = np.partition(most, many - 1)[many - 1]
        return [int(force) for force in forces[least <= limit]]

    def _price(self, facts: IncidentFacts, slot: Slot) -> Priced:
        apart: dict[int, int] = {}
        barred: Counter[str] = Counter()
        sorts: dict[Hashable, tuple[str | None, int]] = {}
        category, language = facts.category, facts.language
        class_code = category.partition(".")[0]
        for force, (one, standing, own) in self._own.items():
            known = one.specialities
            skills = (bool(known), category in known, class_code in known, language in one.languages)
            key = (one.kind, one.division_path.count("."), skills)
            if key not in sorts:
                code = self._misfit(one, slot, facts) or bar_code(facts, one)
                sorts[key] = code, tenths(cost_of_match(facts, one, terms=self._terms))
            code, match = sorts[key]
            if code or standing:
                barred[code or standing or ""] += 1
            else:
                apart[force] = own + match
        return Priced(apart, barred)

    @cached_property
    def _own(self) -> Mapping[int, tuple[Candidate, str | None, int]]:
        """Each force with the code of why it cannot go anywhere, and the tenths that it costs anywhere."""
        terms, now = self._terms, self._now
        return {
            force: (one, exclusion_code(one), tenths(cost_of_force(one, terms=terms, now=now)))
            for force, one in self.by_id.items()
        }

    def _misfit(self, one: Candidate, slot: Slot, facts: IncidentFacts) -> str | None:
        """Return why a force is none that the slot asks for."""
        if slot.kinds and one.kind not in slot.kinds:
            return "other_kind"
        level = self.level_of(one.force)
        if slot.levels and level not in slot.levels:
            return "other_level"
        fits = slot.fits(kind=one.kind, specialities=one.specialities, level=level, category=facts.category)
        return None if fits else "not_specialised"

    def _neighbours(self, facts: IncidentFacts) -> frozenset[int]:
        codes = [code for code in (facts.grid_code, facts.village_code) if code]
        return frozenset(force for code in codes for force in self._posted.get(code, ()))

    @cached_property
    def _posted(self) -> Mapping[str, Sequence[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for force, one in self.by_id.items():
            for code in one.division_path.split("."):
                found[code].append(force)
        return found

    @cached_property
    def _index(self) -> Mapping[int, int]:
        return {force: i for i, force in enumerate(self.by_id)}

    @cached_property
    def _places(self) -> NDArray[np.float64]:
        return np.array([(one.lon, one.lat) for one in self.by_id.values()]).reshape(-1, 2)

    @cached_property
    def _pace(self) -> NDArray[np.float64]:
        """Minutes before one moves, and for each metre, by force."""
        minutes = self._terms.minutes
        found = [(minutes(0, one.mode), minutes(1, one.mode) - minutes(0, one.mode)) for one in self.by_id.values()]
        return np.array(found).reshape(-1, 2)


def _on_the_sphere(lon: float, lat: float, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return great-circle metres from a point to each of the places."""
    here = np.radians([lon, lat])
    there = np.radians(places)
    half = np.sin((there - here) / 2) ** 2
    chord = half[:, 1] + np.cos(here[1]) * np.cos(there[:, 1]) * half[:, 0]
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0, 1))))
