"""Terms of dispatching: the cost of each reason, modes of travel, and the time to answer a task."""

from datetime import timedelta
from functools import cached_property

from pydantic import Field

from geo.terms import Names, NonNegative, Part, Positive
from geo.travel import Mode, ModeName, TravelTime, travel_time


class TravelMode(Mode):
    """A named mode of travel."""

    mode: ModeName
    names: Names


class DispatchTerms(Part):
    """Cost of each reason in minutes, negative where it saves.

    `rest_minutes` is the rest a force is due after a task. A fix older than `stale_after_seconds` is stale, and its
    age costs `stale_per_10_minutes`, at most `stale_at_most`. A fix coarser than 100 m costs `coarse_per_km` of its
    accuracy, at most `coarse_at_most`. `from_home` is for a force on duty without a fix, `recalled` for one that was
    recalled from the incident. A task must be answered within `answer_seconds`.
    """

    answer_seconds: Positive = 120
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

    @property
    def answer_within(self) -> timedelta:
        return timedelta(seconds=self.answer_seconds)

    @property
    def modes(self) -> tuple[ModeName, ...]:
        return tuple(way.mode for way in self.travel)

    @cached_property
    def minutes(self) -> TravelTime:
        """Minutes by straight metres and mode; an undefined mode travels on foot."""
        return travel_time({way.mode: way for way in self.travel})
