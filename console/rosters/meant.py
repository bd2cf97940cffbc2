"""Rows of a file whose one who serves is known, and what they would do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from console.rosters.clashes import FileRow, RowFault
from console.rosters.rules import Who
from console.rosters.tables import Leave, Shift
from console.rosters.writing import Change
from geo.errors import MaplebridgeError

Kind = Literal["shift", "leave"]


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

    def cancels(self, row: FileRow, there: Shift | Leave | None, kind: Kind, *, now: datetime) -> bool:
        """Add a row that cancels, or whose shift or leave was cancelled before; return whether it is one."""
        if row.is_cancelled:
            if there is None or there.cancelled_at is not None:
                self.unchanged += 1
            else:
                self.cancelled += 1
                self._of(kind).append((there, {"cancelled_at": now}, f"{kind}.cancelled"))
            return True
        if there is not None and there.cancelled_at is not None:
            self.faults.append(RowFault("roster.cancelled", row.row, "shift"))
            return True
        return False

    def writes(
        self, row: FileRow, there: Shift | Leave | None, said: Mapping[str, Any], kind: Kind, *, fresh: Shift | Leave
    ) -> None:
        """Add a row that says this of a shift or leave: of `fresh`, if there is none yet."""
        if there is None:
            self.added += 1
            self._of(kind).append((fresh, {**said}, f"{kind}.added"))
        elif all(getattr(there, name) == value for name, value in said.items()):
            self.unchanged += 1
        elif row.version is not None and row.version < there.version:
            self.faults.append(RowFault("roster.stale", row.row, "version", {"version": there.version}))
        else:
            self.changed += 1
            self._of(kind).append((there, {**said}, f"{kind}.changed"))

    def _of(self, kind: Kind) -> list[Change]:
        return self.leaves if kind == "leave" else self.changes


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
