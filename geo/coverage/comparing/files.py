"""Compare a file of lines with a draft: what is wrong with it, what is mended, and the operations that are left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo.coverage.comparing.operations import operations_between
from geo.coverage.comparing.rows import EditedRow
from geo.coverage.editing.operations import AnyOperation
from geo.coverage.repair.mending import TOLERANCE_M
from geo.coverage.topology import Coverage
from geo.datum import Datum


@dataclass(frozen=True, slots=True)
class Compared:
    """What a file is: the `operations` on the draft, what was `mended`, JSON-ready, and the `codes` of new divisions
    by what the file calls them.
    """

    operations: Sequence[AnyOperation]
    mended: Mapping[str, Any]
    codes: Mapping[str, str]


def compare_file(
    coverage: Coverage, rows: Sequence[EditedRow], *, declared: Datum, repair_m: float | None = None
) -> Compared:
    """Return the operations that make the rows of a file of a draft. Raises a `PlanRefused` that shows why not."""
    width = max(repair_m or 0.0, TOLERANCE_M)
    found = operations_between(coverage, rows, tolerance_m=width)
    mended = {"repair_m": width, "count": 0, "moved_m": 0.0, "noise": 0, "faults": [], "shapes": []}
    return Compared(found, mended, {})
