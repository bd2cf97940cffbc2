"""Check that grids fit together and into existing divisions, in a sandboxed process.

Two comb-shaped polygons of three thousand vertices, laid across each other, intersect in millions of points: valid
polygons in a small file, whose intersection takes more memory than a machine has.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage import DIGITISED_M2, check
from geo.coverage import Fault as FaultKind
from geo.coverage import Problem as Fault
from ingest.files.job_runner import run_job
from ingest.files.problems import Problem

LEAVES_CHILD = "grid.leaves_child"
CODES = {FaultKind.OVERLAP: "grid.overlaps", FaultKind.OUTSIDE: "grid.outside_parent"}


@dataclass(frozen=True, slots=True)
class NewGrid:
    """A grid of the file: its row, code, parent's code and boundary."""

    row: int
    code: str
    parent: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class CoverageJob:
    """Grids of a file, outlines of their parents by code, and existing children by grid's code and own code."""

    grids: Sequence[NewGrid]
    outlines: Mapping[str, BaseGeometry] = field(default_factory=dict)
    children: Mapping[str, Mapping[str, BaseGeometry]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "grids": [(p.row, p.code, p.parent) for p in self.grids],
            "lines": _as_hex([p.geometry for p in self.grids]),
            "outlines": _hex_by_code(self.outlines),
            "children": {code: _hex_by_code(below) for code, below in self.children.items()},
        }

    @staticmethod
    def of_json(job: Mapping[str, Any]) -> "CoverageJob":
        return CoverageJob(
            [
                NewGrid(row, code, parent, line)
                for (row, code, parent), line in zip(job["grids"], shapely.from_wkb(job["lines"]), strict=True)
            ],
            _lines_by_code(job["outlines"]),
            {code: _lines_by_code(below) for code, below in job["children"].items()},
        )


def _as_hex(lines: Iterable[BaseGeometry]) -> list[str]:
    """Convert boundaries to WKB in bulk: one by one, five thousand take a second."""
    found: list[str] = shapely.to_wkb(np.array([*lines], dtype=object), hex=True).tolist()
    return found


def _hex_by_code(lines: Mapping[str, BaseGeometry]) -> dict[str, str]:
    return dict(zip(lines, _as_hex(lines.values()), strict=True))


def _lines_by_code(lines: Mapping[str, str]) -> dict[str, BaseGeometry]:
    return dict(zip(lines, shapely.from_wkb([*lines.values()]), strict=True))


def check_coverage(job: CoverageJob) -> tuple[list[Problem], list[dict[str, object]]]:
    """Return problems (overlaps, grids beyond their parent or not containing their children) and notes (gaps)."""
    families: dict[str, list[NewGrid]] = defaultdict(list)
    for grid in job.grids:
        families[grid.parent].append(grid)
    problems: list[Problem] = []
    notes: list[dict[str, object]] = []
    for parent, grids in families.items():
        faults = check(
            [grid.geometry for grid in grids],
            [grid.code for grid in grids],
            job.outlines.get(parent),
            tolerance_m2=DIGITISED_M2,
        )
        problems += _overlaps_and_overhangs(faults, grids, parent)
        notes += _gaps(faults, parent)
    problems += [p for grid in job.grids for p in _left_outside(grid, job.children.get(grid.code, {}))]
    return problems, notes


def _overlaps_and_overhangs(faults: Iterable[Fault], grids: Sequence[NewGrid], parent: str) -> Iterator[Problem]:
    rows = {grid.code: grid.row for grid in grids}
    for fault in faults:
        if fault.fault in CODES:
            params = {"code": fault.code, "other": fault.other or parent, "square_metres": round(fault.area_m2, 1)}
            yield Problem(CODES[fault.fault], row=rows[fault.code], field="geometry", params=params)


def _gaps(faults: Iterable[Fault], parent: str) -> Iterator[dict[str, object]]:
    """Yield a note for a parent that its children do not fill."""
    area = sum(fault.area_m2 for fault in faults if fault.fault is FaultKind.GAP)
    if area:
        yield {"code": "grid.gap", "parent": parent, "square_metres": round(area, 1)}


def _left_outside(grid: NewGrid, below: Mapping[str, BaseGeometry]) -> Iterator[Problem]:
    """Yield existing children that a redrawn grid no longer contains."""
    for fault in check(list(below.values()), list(below), grid.geometry, tolerance_m2=DIGITISED_M2):
        if fault.fault is FaultKind.OUTSIDE:
            params = {"code": grid.code, "other": fault.code, "square_metres": round(fault.area_m2, 1)}
            yield Problem(LEAVES_CHILD, row=grid.row, field="geometry", params=params)


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    problems, notes = check_coverage(CoverageJob.of_json(job))
    return {"problems": [p.as_json() for p in problems], "notes": notes}


if __name__ == "__main__":
    sys.exit(run_job(run))
