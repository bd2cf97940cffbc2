"""What a pack says of incidents: what happens, how grave it is, who handles it and how soon."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated

from pydantic import Field

from geo.terms import Code, Coded, Colour, Part, Positive
from layers.divisions.terms import LevelName


class CaseCode(Part):
    """How case codes (一案一码) begin."""

    prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$")]


class Category(Coded):
    """A kind of incident. Its code begins with its class: `dispute.family`.

    `risk` is what a report without one gets. `aliases` are what other systems call it: files and recordings may use
    them in place of the code.
    """

    risk: Code = "low"
    aliases: tuple[str, ...] = ()

    @property
    def class_code(self) -> str:
        return self.code.split(".", 1)[0]


class Risk(Coded):
    """A grade of an incident (never of a person): the level that handles it, and how soon someone must answer."""

    colour: Colour
    first_response_minutes: Positive
    level: LevelName

    @property
    def answer_within(self) -> timedelta:
        return timedelta(minutes=self.first_response_minutes)


class Duplicates(Part):
    """Of the same category, this near and this recent: a likely duplicate."""

    metres: Positive = 150
    minutes: Positive = 120

    @property
    def recent(self) -> timedelta:
        return timedelta(minutes=self.minutes)


class IncidentTerms(Part):
    """How a place takes incidents in."""

    case_code: CaseCode
    classes: tuple[Coded, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
    risks: tuple[Risk, ...] = Field(min_length=1)
    duplicates: Duplicates = Duplicates()

    @cached_property
    def category_by_code(self) -> Mapping[str, Category]:
        return {category.code: category for category in self.categories}

    @cached_property
    def risk_by_code(self) -> Mapping[str, Risk]:
        return {risk.code: risk for risk in self.risks}

    def grade(self, category: str, risk: str | None = None) -> Risk:
        """The risk reported, or else the category's own."""
        return self.risk_by_code[risk or self.category_by_code[category].risk]
