"""Terms of the division tree: its root, the source of its outline, and its levels."""

from typing import Literal

from pydantic import Field

from geo.terms import DivisionCode, Names, Part

LevelName = Literal["city", "county", "town", "village", "grid", "micro_grid"]
GRID: LevelName = "grid"
"""The level of the areas to which incidents and forces belong; every county has it."""


class Boundary(Part):
    """Source of the root's outline. A map review number must be shown with the outline."""

    source: Names
    review_number: str | None = None


class Level(Part):
    """One level of the division tree."""

    level: LevelName
    names: Names


class Root(Part):
    """The root division of the installation; every division path begins with its code. `levels` go down from it."""

    code: DivisionCode
    names: Names
    boundary: Boundary
    levels: tuple[Level, ...] = Field(min_length=1)

    @property
    def town_depth(self) -> int:
        """How many labels lead from the root down to a town, in a division path."""
        levels = [level.level for level in self.levels]
        return levels.index("town") + 1 if "town" in levels else 1

    @property
    def depth_of_grids(self) -> int:
        """How many labels the path of a grid has; of the smallest divisions, where there are no grids."""
        levels = [level.level for level in self.levels]
        return levels.index(GRID) + 1 if GRID in levels else len(levels)

    @property
    def level(self) -> LevelName:
        return self.levels[0].level
