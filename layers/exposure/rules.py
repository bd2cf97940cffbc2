"""Counts of a division, and their sums over an area. Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts of a division on a day; None where not counted."""

    code: str
    path: str
    counted_on: date
    households: int | None = None
    premises: int | None = None
    enterprises: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """Sums over the smallest divisions with counts in an area; None where none of them was counted.

    `divisions` is how many they are. `oldest` is the earliest day of their counts, None if they came with boundaries.
    """

    path: str
    divisions: int
    households: int | None
    premises: int | None
    enterprises: int | None
    oldest: date | None


def summed(parts: list[Exposure], *, path: str) -> Exposure:
    """Add up areas that have nothing in common."""

    def total(values: list[int | None]) -> int | None:
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    return Exposure(
        path=path,
        divisions=sum(part.divisions for part in parts),
        households=total([part.households for part in parts]),
        premises=total([part.premises for part in parts]),
        enterprises=total([part.enterprises for part in parts]),
        oldest=min((part.oldest for part in parts if part.oldest), default=None),
    )
