"""A made-up street, and the classes of streets."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo.coverage.edges import Point as Spot

MAIN = ("trunk", "primary")
"""Main roads, which lead from town to town."""
KMH: Mapping[str, int] = MappingProxyType(
    {
        "trunk": 70,
        "primary": 60,
        "secondary": 50,
        "tertiary": 40,
        "unclassified": 30,
        "residential": 30,
        "service": 20,
    }
)
"""Speed limits by class, the largest class first."""


@dataclass(frozen=True, slots=True)
class Street:
    """A street as a line of at least two points.

    `between` are the divisions of a level that it runs between, or the cell that it is in, twice. `isle`: no bridge
    leads there.
    """

    line: tuple[Spot, ...]
    kind: str
    level: str
    between: tuple[str, str]
    bridge: bool = False
    private: bool = False
    isle: bool = False
