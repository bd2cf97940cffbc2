"""Which checklists are for which centres, and what refuses a mark. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from console.register.terms import Checklist
from geo.errors import ErrorKind, MaplebridgeError


class ItemUnknown(MaplebridgeError):
    """The checklist is not for this unit, or has no such item. `params`: `checklist`, `item`, `unit`."""

    code = "checklist.unknown"
    kind = ErrorKind.INVALID


class DayToCome(MaplebridgeError):
    """The day of the mark is yet to come. `params`: `day`, `today`."""

    code = "checklist.day"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class NewMark:
    """A mark to add."""

    checklist: str
    item: str
    unit: str
    day: date
    met: bool
    note: str


def checklists_for(level: str, checklists: Sequence[Checklist]) -> list[Checklist]:
    """Return the checklists of centres at a level; one without levels is for all."""
    return [one for one in checklists if not one.levels or level in one.levels]
