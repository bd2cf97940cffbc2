"""Mend grids so that they fit together and into existing divisions, in a sandboxed process.

Two comb-shaped polygons of three thousand vertices, laid across each other, intersect in millions of points: valid
polygons in a small file, whose intersection takes more memory than a machine has.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.partition import Fault
from geo.coverage.repair.border_faults import BorderFault, overhangs
from geo.coverage.repair.enclaves import cut_enclaves, find_enclaves
from geo.coverage.repair.mending import TOLERANCE_M, Mended, mend
from geo.coverage.repair.slits import SEARCHED_M
from ingest.files.job_runner import run_job
from ingest.files.problems import Problem

LEAVES_CHILD = "grid.leaves_child"
CODES = {Fault.OVERLAP: "grid.overlaps", Fault.OUTSIDE: "grid.outside_parent"}
WIDEST_REPAIR_M = 50.0
"""Widest `--repair`: beyond, two borders are not one border drawn twice."""
HEADROOM = 1.05
"""Added to a width when it is proposed for `--repair`: widths are known to some 2 %."""
SHOWN = 20
"""Mended faults that a report lists; the drawing has all of them up to `DRAWN`."""
DRAWN = 5000
TOLD_M = 1e-4
"""Movements below this are rounding, and not told."""


@dataclass(frozen=True, slots=True)
class NewGrid:
    """A grid of the file: its row, code, parent's code and boundary."""

    row: int
    code: str
    parent: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class CoverageJob:
    """Grids of a file, outlines of their parents by code, and existing children by grid's code and own code.

    Faults up to `repair` metres wide are mended; those below the tolerance always are. With `cut_enclaves`, grids that
    are drawn over another are cut out of it.
    """

    grids: Sequence[NewGrid]
    outlines: Mapping[str, BaseGeometry] = field(default_factory=dict)
    children: Mapping[str, Mapping[str, BaseGeometry]] = field(default_factory=dict)
    repair: float = 0.0
    cut_enclaves: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "grids": [(p.row, p.code, p.parent) for p in self.grids],
            "lines": as_hex([p.geometry for p in self.grids]),
            "outlines": _hex_by_code(self.outlines),
            "children": {code: _hex_by_code(below) for code, below in self.children.items()},
            "repair": self.repair,
            "cut_enclaves": self.cut_enclaves,
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
            job["repair"],
            job["cut_enclaves"],
        )


@dataclass(slots=True)
class Findings:
    """Faults found and mended. `lines` are the mended boundaries by grid's code; `drawing` has each fault with its
    geometry, the widest first."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[dict[str, object]] = field(default_factory=list)
    lines: dict[str, BaseGeometry] = field(default_factory=dict)
    drawing: list[dict[str, object]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "problems": [p.as_json() for p in self.problems],
            "notes": self.notes,
            "lines": _hex_by_code(self.lines),
            "drawing": self.drawing,
        }


def as_hex(lines: Iterable[BaseGeometry]) -> list[str]:
    """Convert boundaries to WKB in bulk: one by one, five thousand take a second."""
    found: list[str] = shapely.to_wkb(np.array([*lines], dtype=object), hex=True).tolist()
    return found


def _hex_by_code(lines: Mapping[str, BaseGeometry]) -> dict[str, str]:
    return dict(zip(lines, as_hex(lines.values()), strict=True))


def _lines_by_code(lines: Mapping[str, str]) -> dict[str, BaseGeometry]:
    return dict(zip(lines, shapely.from_wkb([*lines.values()]), strict=True))


def check_coverage(job: CoverageJob) -> Findings:
    """Mend the grids of each parent, and list what is too wide to be mended."""
    families: dict[str, list[NewGrid]] = defaultdict(list)
    for grid in job.grids:
        families[grid.parent].append(grid)
    found, faults, enclosed = Findings(), [], 0
    for parent, grids in families.items():
        polygons = [grid.geometry for grid in grids]
        if job.cut_enclaves:
            polygons, notes = _without_enclaves(grids)
            found.notes += notes
        mended = mend(
            polygons,
            [grid.code for grid in grids],
            job.outlines.get(parent),
            limit_m=job.repair,
        )
        faults += [(parent, fault) for fault in mended.faults]
        wide = list(_too_wide(mended, grids, parent, repair=job.repair))
        enclosed += len(find_enclaves(polygons)) if wide and not job.cut_enclaves else 0
        found.problems += wide
        found.notes += [*_mending_notes(mended, parent), *_gap_notes(mended.faults, parent)]
        changed = zip(grids, mended.polygons, strict=True)
        found.lines |= {grid.code: line for grid, line in changed if line is not grid.geometry}
    found.problems.sort(key=lambda problem: -problem.params["width_m"])
    found.problems[:0] = _way_out(found.problems)
    if enclosed:
        found.problems.insert(0, Problem("grids.cut_enclaves", params={"count": enclosed}))
    for grid in job.grids:
        found.problems += _left_outside(grid, found.lines.get(grid.code), job.children.get(grid.code, {}))
    faults.sort(key=lambda each: -each[1].width_m)
    found.drawing = [_drawn(fault, parent) for parent, fault in faults[:DRAWN]]
    return found


def _without_enclaves(grids: Sequence[NewGrid]) -> tuple[list[BaseGeometry], list[dict[str, object]]]:
    """Cut grids out of those that they are drawn over, with a note of which."""
    polygons = [grid.geometry for grid in grids]
    enclaves = find_enclaves(polygons)
    if not enclaves:
        return polygons, []
    names = [f"{grids[each.inner].code} ({grids[each.outer].code})" for each in enclaves]
    note: dict[str, object] = {"code": "grids.enclaves_cut", "count": len(names), "codes": names[:SHOWN]}
    return cut_enclaves(polygons, enclaves), [note]


def _too_wide(mended: Mended, grids: Sequence[NewGrid], parent: str, *, repair: float) -> Iterator[Problem]:
    """Yield overlaps and overhangs that were not mended, and grids whose border would have to move too far."""
    rows = {grid.code: grid.row for grid in grids}
    wide = [fault for fault in mended.faults if fault.fault in CODES and not fault.mended]
    for fault in wide:
        params = {"code": fault.code, "other": fault.other or parent, **measures(fault)}
        yield Problem(CODES[fault.fault], row=rows[fault.code], field="geometry", params=params)
    for code in () if wide else mended.too_far:
        params = {"code": code, "width_m": round(mended.moved_m, 3), "limit_m": max(repair, TOLERANCE_M)}
        yield Problem("grid.moves_too_far", row=rows[code], field="geometry", params=params)


def measures(fault: BorderFault) -> dict[str, object]:
    """Return a fault's size and place, rounded for a report."""
    lon, lat = fault.place
    return {
        "width_m": float(f"{fault.width_m:.2g}"),
        "length_m": float(f"{fault.length_m:.3g}"),
        "square_metres": round(fault.area_m2, 1),
        "pieces": fault.pieces,
        "lon": round(lon, 6),
        "lat": round(lat, 6),
    }


def _way_out(problems: Sequence[Problem]) -> list[Problem]:
    """Return what to do about faults that were not mended, as the first problem of the report."""
    faults = [problem for problem in problems if problem.code in CODES.values()]
    if not faults:
        return []
    wide = [p for p in faults if p.params["width_m"] * HEADROOM > WIDEST_REPAIR_M]
    narrow = len(faults) - len(wide)
    repair = proposed(max((p.params["width_m"] for p in faults if p not in wide), default=0))
    params = {"repair": repair, "narrow": narrow, "wide": len(wide), "widest": WIDEST_REPAIR_M, **faults[0].params}
    code = "grids.repair" if not wide else "grids.redraw_and_repair" if narrow else "grids.redraw"
    return [Problem(code, params=params)]


def proposed(width_m: float) -> float:
    """Return the `--repair` that mends faults of this width: two digits, rounded up."""
    if not width_m:
        return 0.0
    step = 10.0 ** (floor(log10(width_m * HEADROOM)) - 1)
    return float(f"{ceil(width_m * HEADROOM / step) * step:.6g}")


def _mending_notes(mended: Mended, parent: str) -> list[dict[str, object]]:
    """Return notes of what was mended: the widest faults one by one, the others counted."""
    done = [fault for fault in mended.faults if fault.mended]
    notes: list[dict[str, object]] = [
        {"code": f"grid.mended_{fault.fault}", "grid": fault.code, "other": fault.other or parent, **measures(fault)}
        for fault in done[:SHOWN]
    ]
    if len(done) > SHOWN:
        notes.append({"code": "report.more", "more": len(done) - SHOWN})
    if mended.moved_m > TOLD_M:
        pieces = sum(fault.pieces for fault in done)
        moved = {"mended": pieces, "snapped": mended.snapped, "millimetres": ceil(mended.moved_m * 1000)}
        notes.append({"code": "grids.moved", "parent": parent, **moved})
    return notes


def _gap_notes(faults: Iterable[BorderFault], parent: str) -> Iterator[dict[str, object]]:
    """Yield a note for a parent that its children do not fill, and one for the slits among the gaps."""
    gaps = [fault for fault in faults if fault.fault is Fault.GAP and not fault.mended]
    if gaps:
        area = round(sum(gap.area_m2 for gap in gaps), 1)
        yield {"code": "grid.gap", "parent": parent, "gaps": len(gaps), **_beside(gaps[0]), "square_metres": area}
    slits = [gap for gap in gaps if gap.width_m <= SEARCHED_M]
    if slits:
        repair = proposed(slits[0].width_m)
        yield {"code": "grid.slits", "parent": parent, "gaps": len(slits), "repair": repair, **_beside(slits[0])}


def _beside(gap: BorderFault) -> dict[str, object]:
    return {"grid": gap.code, "other": gap.other or "", **measures(gap)}


def _left_outside(grid: NewGrid, mended: BaseGeometry | None, below: Mapping[str, BaseGeometry]) -> Iterator[Problem]:
    """Yield existing children that a redrawn grid no longer contains."""
    line = grid.geometry if mended is None else mended
    for fault in overhangs(list(below.values()), list(below), line, tolerance=TOLERANCE_M):
        params = {"code": grid.code, "other": fault.code, **measures(fault)}
        yield Problem(LEAVES_CHILD, row=grid.row, field="geometry", params=params)


def _drawn(fault: BorderFault, parent: str) -> dict[str, object]:
    about = {"fault": str(fault.fault), "code": fault.code, "other": fault.other or parent, "mended": fault.mended}
    return {**about, **measures(fault), "wkb": as_hex([fault.where])[0]}


def run(job: Mapping[str, Any]) -> dict[str, Any]:
    return check_coverage(CoverageJob.of_json(job)).as_json()


if __name__ == "__main__":
    sys.exit(run_job(run))
