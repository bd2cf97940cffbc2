"""Terms of incidents: case codes, categories, risks with level and first response, and duplicates."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated

from pydantic import Field

from geo.terms import Code, Coded, Colour, Part, Positive
from layers.divisions.terms import LevelName


class CaseCode(Part):
    """Prefix of case codes (一案一码)."""

    prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$")]


class Category(Coded):
    """A category of incidents. Its code begins with its class: `dispute.family`.

    `risk` is the default of reports without one. `aliases` are names in other systems, which files and recordings may
    use in place of the code.
    """

    risk: Code = "low"
    aliases: tuple[str, ...] = ()

    @property
    def class_code(self) -> str:
        return self.code.split(".", 1)[0]


class Risk(Coded):
    """A risk of an incident (never of a person): the level that handles it, and the limit of the first response."""

    colour: Colour
    first_response_minutes: Positive
    level: LevelName

    @property
    def answer_within(self) -> timedelta:
        return timedelta(minutes=self.first_response_minutes)


class Duplicates(Part):
    """Limits of a likely duplicate: distance and time between incidents of one category."""

    metres: Positive = 150
    minutes: Positive = 120

    @property
    def recent(self) -> timedelta:
        return timedelta(minutes=self.minutes)


class IncidentTerms(Part):
    """Terms by which a place registers incidents.

    `history_after_days`: age from which an imported incident without a closing time is history, and closed by the
    import. Default 30: the longest time limit of an ordinary case.
    """

    case_code: CaseCode
    classes: tuple[Coded, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
    risks: tuple[Risk, ...] = Field(min_length=1)
    duplicates: Duplicates = Duplicates()
    history_after_days: Annotated[int, Field(ge=1, le=36_500)] = 30

    @cached_property
    def category_by_code(self) -> Mapping[str, Category]:
        return {category.code: category for category in self.categories}

    @cached_property
    def risk_by_code(self) -> Mapping[str, Risk]:
        return {risk.code: risk for risk in self.risks}

    @property
    def history_after(self) -> timedelta:
        return timedelta(days=self.history_after_days)

    def grade(self, category: str, risk: str | None = None) -> Risk:
        """Return the reported risk, or else the category's."""
        return self.risk_by_code[risk or self.category_by_code[category].risk]
