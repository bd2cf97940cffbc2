"""Jobs of imports and their outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from api.intake.import_log import NO_FILE, Origin
from ingest.files.mapping import Options
from ingest.files.problems import Problem
from ingest.files.table import Table

Kind = Literal["grids", "cameras", "places", "incidents", "forces"]


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

    With `skip_bad`, rows with problems are left out instead of refusing the file.
    """

    kind: Kind
    table: Table
    options: Options
    now: datetime
    day: date
    grid_options: GridOptions | None = None
    dry_run: bool = False
    skip_bad: bool = False
    origin: Origin = NO_FILE
