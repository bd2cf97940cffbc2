"""The `traffic` section of a pack's `demo.toml`: rates and words of simulated reports."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property

from pydantic import Field

from geo.terms import Code, Count, Part, Share

DAYS_A_YEAR = 365.2425


class CategoryTraffic(Part):
    """One category: reports a year, and titles in the place's language."""

    yearly: Count = 0
    titles: tuple[str, ...] = ()


class TrafficTerms(Part):
    """Rates and words of simulated reports. Only the proportions of rates and shares count.

    `hourly` has 24 rates, `weekday` seven from Monday. `details` are descriptions by class: in them `{title}` stands
    for the title and `{who}` for one of `people`, placeholders such as `张某`.
    """

    hourly: tuple[Share, ...] = Field(min_length=24, max_length=24)
    weekday: tuple[Share, ...] = Field(min_length=7, max_length=7)
    source_shares: dict[Code, Share] = Field(min_length=1)
    risk_shares: dict[Code, Share] = Field(min_length=1)
    categories: dict[Code, CategoryTraffic] = Field(min_length=1)
    people: tuple[str, ...] = ()
    details: dict[Code, tuple[str, ...]] = Field(default_factory=dict)

    @cached_property
    def yearly(self) -> Mapping[str, int]:
        """Return reports a year by category, without those that have none."""
        return {code: made.yearly for code, made in self.categories.items() if made.yearly}

    def titles(self, category: str) -> tuple[str, ...]:
        made = self.categories.get(category)
        return made.titles if made else ()

    def expected_on(self, day: date) -> dict[str, float]:
        """Return the expected number of reports on a day, by category."""
        share = self.weekday[day.weekday()] * len(self.weekday) / sum(self.weekday)
        return {category: count / DAYS_A_YEAR * share for category, count in self.yearly.items()}
