"""Rows of a file whose one who serves is known, and what they would do."""

from dataclasses import dataclass, field
from uuid import UUID

from console.rosters.clashes import FileRow, RowFault
from console.rosters.rules import Who
from console.rosters.writing import Change
from geo.errors import MaplebridgeError


@dataclass(slots=True)
class Compared:
    """What the rows of a file would do, by outcome, and what is wrong: `changes` of shifts, and of `leaves`."""

    changes: list[Change] = field(default_factory=list)
    leaves: list[Change] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)
    added: int = 0
    changed: int = 0
    cancelled: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """One who may be meant by a row."""

    who: Who
    code: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Meant:
    """A row whose one who serves is known, with the shift or leave that it is."""

    row: FileRow
    person: Person
    id: UUID


def fault_of(error: MaplebridgeError, row: FileRow) -> RowFault:
    """Return the fault of a row whose rule was refused."""
    rest = {name: value for name, value in error.params.items() if name != "field"}
    return RowFault(error.code, row.row, str(error.params["field"]), rest)
