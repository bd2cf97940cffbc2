"""The process that compares a file of lines with a draft. Run as `python -m console.planning.comparing`, its job on
standard input as JSON.
"""

import os
import resource
import sys
from collections.abc import Mapping
from typing import Any

import orjson
import shapely

from geo.coverage.building import coverage_of
from geo.coverage.comparing.files import compare_file
from geo.coverage.comparing.rows import EditedRow
from geo.coverage.divisions import Division
from geo.coverage.editing.operations import as_json
from geo.coverage.refusals import PlanRefused
from geo.coverage.topology import Coverage
from geo.datum import Datum
from layers.exports.apart import NICENESS, REFUSED

MEMORY_BYTES = 1_024_000_000
CPU_SECONDS = 120
"""Comparing 5,000 micro-grids that were all drawn anew takes some ten."""


def draft_of(job: Mapping[str, Any]) -> Coverage:
    """Return the draft's lines, as the server has them."""
    shapes = dict(zip(job["finest"], shapely.from_wkb(job["shapes"]), strict=True))
    return coverage_of(
        [Division(**one) for one in job["divisions"]],
        shapes,
        levels=tuple(job["levels"]),
        fixed_levels=job["fixed_levels"],
        issued=job["issued"],
    )


def rows_of(job: Mapping[str, Any]) -> list[EditedRow]:
    """Return the rows of the file."""
    shapes = shapely.from_wkb(job["drawn"])
    return [
        EditedRow(code, shape, name, parent, kind)
        for (code, name, parent, kind), shape in zip(job["rows"], shapes, strict=True)
    ]


def compared(job: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return the exit code, and what the server reads of it: the difference, or a refusal's code and params."""
    try:
        found = compare_file(draft_of(job), rows_of(job), declared=Datum(job["declared"]), repair_m=job["repair_m"])
    except PlanRefused as refused:
        return REFUSED, {"code": refused.code, "params": refused.params}
    operations = [as_json(operation) for operation in found.operations]
    return 0, {"operations": operations, "mended": found.mended, "codes": found.codes}


def main() -> int:
    """Compare what standard input describes; the exit code is `REFUSED` for a refusal."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    code, said = compared(orjson.loads(sys.stdin.buffer.read()))
    sys.stdout.buffer.write(orjson.dumps(said))
    return code


if __name__ == "__main__":
    sys.exit(main())
