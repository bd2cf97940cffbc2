"""Import a file of lines into a draft: it comes back as operations, each with its figures.

The file is compared with the draft in a process of its own: mending takes seconds, and a hostile file all that it gets.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import shapely

from console.planning.counts import Tally
from console.planning.drafts import Draft
from console.planning.drawing import Outcome, Tallies
from console.planning.figures import Row
from console.planning.lines import draw
from geo.coverage.comparing.rows import EditedRow
from geo.coverage.refusals import refusal_of
from geo.coverage.topology import Coverage
from geo.datum import Datum
from geo.errors import ErrorKind, MaplebridgeError
from layers.exports.apart import REFUSED, run_apart
from layers.exports.errors import TooDemanding

FIGURED = 50
"""Operations that are answered with figures of their own: each takes some 50 ms."""
MODULE = "console.planning.comparing"


class ComparingTooDemanding(MaplebridgeError):
    """Comparing the file with the draft took more memory or time than it may. Way out: import a part at a time."""

    code = "plan.import_too_demanding"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class EditedFile:
    """Rows of a file in WGS-84 degrees, the datum that it was declared to be in, and the width to mend, if stated."""

    rows: Sequence[EditedRow]
    declared: Datum
    repair_m: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """An operation that the file is, what it did, and figures of what it touched."""

    operation: Mapping[str, Any]
    changed: Sequence[str]
    ended: Sequence[str]
    figures: Mapping[str, Row] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """How a file differs from a draft: `operations` in JSON form, what was `mended` first, and the `codes` of new
    divisions by that in the file, or by `#` and the row.
    """

    operations: Sequence[Mapping[str, Any]]
    mended: Mapping[str, Any]
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """A draft with the file's operations applied: each by itself, and all together as one `outcome`."""

    steps: Sequence[Step]
    outcome: Outcome
    mended: Mapping[str, Any]
    codes: Mapping[str, str]


async def difference_of(coverage: Coverage, file: EditedFile) -> Difference:
    """Return what a file is as operations on a draft. Raises a `PlanRefused`, or `ComparingTooDemanding`."""
    job = await asyncio.to_thread(_job, coverage, file)
    try:
        code, out = await run_apart(MODULE, job)
    except TooDemanding as error:
        raise ComparingTooDemanding(**error.params) from error
    found = orjson.loads(out)
    if code == REFUSED:
        raise refusal_of(found["code"], found["params"])
    return Difference(**found)


def _job(coverage: Coverage, file: EditedFile) -> bytes:
    """Write all that the comparing process needs."""
    divisions = [coverage.divisions[code] for code in coverage.divisions]
    return orjson.dumps(
        {
            "levels": coverage.levels,
            "divisions": divisions,
            "issued": coverage.issued,
            "fixed_levels": sorted(coverage.fixed_levels),
            "finest": coverage.finest,
            "shapes": shapely.to_wkb(coverage.polygons, hex=True).tolist(),
            "rows": [(row.code, row.name, row.parent, row.kind) for row in file.rows],
            "drawn": shapely.to_wkb([row.shape for row in file.rows], hex=True).tolist(),
            "declared": file.declared.value,
            "repair_m": file.repair_m,
        }
    )


async def imported(tallies: Tallies, draft: Draft, found: Difference, before: Tally) -> Imported:
    """Apply a difference to the draft that it was found for. Nothing is kept. Raises a `PlanRefused`."""
    return await asyncio.to_thread(_imported, tallies, draft, found, before)


def _imported(tallies: Tallies, draft: Draft, found: Difference, before: Tally) -> Imported:
    steps, now = list[Step](), draft
    for number, operation in enumerate(found.operations):
        drawn = draw(now.coverage, operation)
        was, now = now, Draft(draft.base, drawn.coverage)
        figures = tallies.figures_after(was.coverage, now, before) if number < FIGURED else None
        steps.append(Step(drawn.operation, drawn.changed, drawn.ended, figures))
    outcome = tallies.outcome_of(draft.coverage, now, before)
    return Imported(steps, outcome, found.mended, found.codes)
