"""What a pack says of the division tree: its one root, where the outline comes from, and its levels."""

from typing import Literal

from pydantic import Field

from geo.terms import DivisionCode, Names, Part

LevelName = Literal["city", "county", "town", "village", "grid", "micro_grid"]


class Boundary(Part):
    """Where the root's outline comes from. A map review number must be shown wherever the line is."""

    source: Names
    review_number: str | None = None


class Level(Part):
    """One level of the division tree."""

    level: LevelName
    names: Names


class Root(Part):
    """The one root of the installation, by whose code every division path begins. `levels` go from it down."""

    code: DivisionCode
    names: Names
    boundary: Boundary
    levels: tuple[Level, ...] = Field(min_length=1)

    @property
    def level(self) -> LevelName:
        return self.levels[0].level
