"""Jobs of imports and their outcomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from api.intake.import_log import NO_FILE, Origin
from ingest.files.mapping import Options
from ingest.files.problems import Problem
from ingest.files.table import Table

Kind = Literal["grids", "cameras", "key_areas", "places", "incidents", "forces", "network", "routes", "units", "counts"]


class OpenRows(StrEnum):
    """Treatment of past incidents without a closing time; by default, those older than the pack's limit are closed."""

    BY_AGE = "by_age"
    KEEP = "keep"
    CLOSE = "close"


def no_progress(step: str, done: int, total: int) -> None:
    """Ignore the progress of an import."""


@dataclass(frozen=True, slots=True)
class GridOptions:
    """Options for a file of grids: their level, the default parent's code, and their first day.

    `ends_below` ends lower divisions that no longer fit into a redrawn boundary; otherwise the file is refused.
    """

    level: str
    parent: str
    valid_from: date
    ends_below: bool = False


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """Options for a file of a network: the sector of rows that name none, the first day, and the width in metres from
    which on borders are said to disagree.
    """

    sector: str | None
    valid_from: date
    width: float


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """Result of an import or dry run. `counts` are rows by outcome, `rejected` the problems of rows left out.

    `drawing` has faults of borders with their geometries.
    """

    counts: dict[str, int] = field(default_factory=dict)
    notes: Sequence[Any] = ()
    rejected: Sequence[Problem] = ()
    drawing: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class ImportJob:
    """One file to import. `day` is today in the county's time zone, `now` in UTC.

    With `skip_bad`, rows with problems are left out instead of refusing the file; with `again`, incidents without a
    number are stored though the same file was stored before.
    `on_progress` gets a step's name, the rows done and all of them, of steps that take long.
    """

    kind: Kind
    table: Table
    options: Options
    now: datetime
    day: date
    grid_options: GridOptions | NetworkOptions | None = None
    open_rows: OpenRows = OpenRows.BY_AGE
    dry_run: bool = False
    skip_bad: bool = False
    again: bool = False
    origin: Origin = NO_FILE
    on_progress: Callable[[str, int, int], None] = no_progress

    def checked(self, rows: int) -> None:
        """Tell how many rows are checked."""
        self.on_progress("check", rows, len(self.table.records))
