"""Terms of dispatching: the cost of each reason, modes of travel, and the time to answer a task."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from geo.terms import Names, NonNegative, Part, Positive
from geo.travel import DEFAULT_MODES, Mode, ModeName, TravelTime, travel_time
from layers.roads.rules import least_minutes

WeightCode = Literal[
    "speciality_match",
    "speciality_mismatch",
    "load",
    "on_call",
    "own_grid",
    "own_village",
    "language_match",
    "language_mismatch",
    "recalled",
    "from_home",
    "stale",
    "coarse",
]
"""Reasons whose minutes are proportional to a weight; those of travel, rest and preference are to none."""
TERMS_OF: Mapping[WeightCode, tuple[str, ...]] = MappingProxyType(
    {
        "load": ("task_today",),
        "stale": ("stale_per_10_minutes", "stale_at_most"),
        "coarse": ("coarse_per_km", "coarse_at_most"),
    }
)
"""Terms of weights that are not called as their reason is."""


class TravelMode(Mode):
    """A named mode of travel."""

    mode: ModeName
    names: Names


class DispatchTerms(Part):
    """Cost of each reason in minutes, negative where it saves.

    `rest_minutes` is the rest a force is due after a task. A fix older than `stale_after_seconds` is stale, and its
    age costs `stale_per_10_minutes`, at most `stale_at_most`. A fix coarser than 100 m costs `coarse_per_km` of its
    accuracy, at most `coarse_at_most`. `from_home` is for a force on duty without a fix, `recalled` for one that was
    recalled from the incident. A task must be answered within `answer_seconds`; one that a phone has
    not shown after `unseen_seconds` calls for the telephone.
    """

    answer_seconds: Positive = 120
    unseen_seconds: Positive = 30
    speciality_match: float = -4
    speciality_mismatch: float = 6
    task_today: float = 3
    on_call: float = 15
    own_grid: float = -3
    own_village: float = -1
    language_match: float = -2
    language_mismatch: float = 4
    rest_minutes: float = 5
    recalled: NonNegative = 2
    from_home: float = 2
    stale_after_seconds: Positive = 180
    stale_per_10_minutes: float = 2
    stale_at_most: float = 20
    coarse_per_km: NonNegative = 2
    coarse_at_most: NonNegative = 20
    travel: tuple[TravelMode, ...] = Field(min_length=1)

    def weight(self, code: WeightCode) -> dict[str, float]:
        """Return the terms, by name, that the minutes of a reason are proportional to."""
        return {name: getattr(self, name) for name in TERMS_OF.get(code, (code,))}

    @property
    def answer_within(self) -> timedelta:
        return timedelta(seconds=self.answer_seconds)

    @property
    def modes(self) -> tuple[ModeName, ...]:
        return tuple(way.mode for way in self.travel)

    @cached_property
    def by_mode(self) -> Mapping[str, Mode]:
        """The modes of travel by name, those of walking among them."""
        return {"walk": DEFAULT_MODES["walk"], **{way.mode: way for way in self.travel}}

    def road_mode(self, name: str) -> tuple[ModeName, Mode]:
        """Return the mode by which a force goes: on foot where the place does not define its own."""
        known: ModeName = next((mode for mode in self.modes if mode == name), "walk")
        return known, self.by_mode[known]

    def least(self, motored: float) -> TravelTime:
        """Minutes by straight metres and mode that neither a way by road nor an estimate falls below.

        `motored` is the speed in kilometres an hour that no car exceeds on these roads.
        """
        return _least(self, motored)

    @cached_property
    def minutes(self) -> TravelTime:
        """Minutes by straight metres and mode; an undefined mode travels on foot."""
        return travel_time({way.mode: way for way in self.travel})


@lru_cache(maxsize=16)
def _least(terms: DispatchTerms, motored: float) -> TravelTime:
    modes = {name: terms.road_mode(name) for name in (*terms.modes, "")}

    def minutes(metres: float, mode: str) -> float:
        name, known = modes.get(mode) or modes[""]
        by_road = least_minutes(metres, name, known, motored=motored)
        estimate = terms.minutes(metres, mode)
        return estimate if by_road is None else min(by_road, estimate)

    return minutes
