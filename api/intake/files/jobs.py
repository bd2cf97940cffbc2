"""What an import is asked to do, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from api.intake.import_log import NO_FILE, Origin
from ingest.files.mapping import Options
from ingest.files.table import Table

Kind = Literal["grids", "cameras", "places", "incidents", "forces"]


@dataclass(frozen=True, slots=True)
class GridOptions:
    """How a file of grids is to be read: which level they are, under which code by default, from which day on.

    `ends_below`: what lies below a redrawn line and no longer fits into it ends with it, which is refused otherwise.
    """

    level: str
    parent: str
    valid_from: date
    ends_below: bool = False


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did, or would do. `counts` says how many of what."""

    counts: dict[str, int] = field(default_factory=dict)
    notes: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class ImportJob:
    """One file to take in. `day` is today in the place, `now` in UTC."""

    kind: Kind
    table: Table
    options: Options
    now: datetime
    day: date
    grid_options: GridOptions | None = None
    dry_run: bool = False
    origin: Origin = NO_FILE
