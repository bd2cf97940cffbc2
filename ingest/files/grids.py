"""Check a table of grids: each valid, each inside its parent, none overlapping another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from ingest.files.cells import Row
from ingest.files.checked_rows import Checked, GridRow
from ingest.files.checking import code_from_name, read_rows, with_problems
from ingest.files.grid_coverage import LEAVES_CHILD, CoverageJob, NewGrid
from ingest.files.likely_codes import likely_codes
from ingest.files.mapping import Options
from ingest.files.parts import codes_twice, merge_parts
from ingest.files.polygons import Polygons
from ingest.files.problems import Problem, refuse
from ingest.files.sandbox import run_sandboxed
from ingest.files.table import Table

GRID_FIELDS = ("code", "name", "name_en", "parent", "households", "enterprises", "wkt")
ENDS_BELOW = "grid.ends_below"


@dataclass(frozen=True, slots=True)
class ExistingDivisions:
    """Existing divisions on the first day: outlines of possible parents by code, and of children by parent's code.

    `root` is the code of the whole county; if `outlines` has none for it, it becomes the union of the file's grids.
    `parent` is the default for rows without one. `elsewhere` has the level of each code in use at another level.
    `changing` has the day on which a parent's boundary ends: grids that begin before would outlast it. With
    `ends_below`, children that a redrawn grid no longer contains end; otherwise the file is refused.
    """

    root: str
    parent: str
    outlines: Mapping[str, BaseGeometry] = field(default_factory=dict)
    children: Mapping[str, Mapping[str, BaseGeometry]] = field(default_factory=dict)
    changing: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    ends_below: bool = False

    def knows(self, parent: str) -> bool:
        return parent in self.outlines or parent == self.root


def check_grids(table: Table, options: Options, *, existing: ExistingDivisions) -> Checked[GridRow]:
    """Check each row, then that the grids fit together and into existing divisions."""

    polygons = Polygons(options)

    def read(row: Row) -> GridRow:
        name = row.text("name")
        made = code_from_name(name) if options.codes_from_names else ""
        code = row.text("code", label=True, required=not made) or made
        parent = row.text("parent", longest=32) or existing.parent
        if not existing.knows(parent):
            row.add_problem("parent.unknown", "parent", value=parent)
        elif parent in existing.changing:
            row.add_problem("parent.changes", "parent", value=parent, day=existing.changing[parent])
        if code == existing.root:
            row.add_problem("code.is_root", "code", value=code)
        elif code in existing.elsewhere:
            row.add_problem("code.other_level", "code", value=code, level=existing.elsewhere[code])
        return GridRow(
            row=row.record.row,
            code=code,
            name=name or code,
            parent=parent,
            geometry=polygons.of(row) or MultiPolygon(),
            households=row.whole("households"),
            enterprises=row.whole("enterprises"),
            name_en=row.text("name_en"),
        )

    checked = read_rows(table, GRID_FIELDS, options, read)
    problems = [_way_to_codes(problem, table) for problem in checked.problems]
    checked = replace(checked, problems=problems, notes=[*checked.notes, *polygons.notes()])
    checked = merge_parts(checked) if options.merge_parts else with_problems(checked, codes_twice(checked.rows))
    if checked.problems:
        return checked
    return _check_coverage(checked, existing, options)


def _way_to_codes(problem: Problem, table: Table) -> Problem:
    """Name the options that give codes, where no column does."""
    if (problem.code, problem.field) != ("field.no_column", "code"):
        return problem
    if not problem.params["columns"]:
        return replace(problem, code="grids.no_columns")
    likely = likely_codes(table)
    code = "grids.likely_codes" if likely else "grids.no_codes"
    return replace(problem, code=code, params={**problem.params, "proposal": likely})


def _check_coverage(checked: Checked[GridRow], existing: ExistingDivisions, options: Options) -> Checked[GridRow]:
    """Mend grids in a sandboxed process; return them with its problems and notes."""
    _require_order(checked.rows, existing)
    parents, codes = {line.parent for line in checked.rows}, {line.code for line in checked.rows}
    job = CoverageJob(
        [NewGrid(line.row, line.code, line.parent, line.geometry) for line in checked.rows],
        {code: outline for code, outline in existing.outlines.items() if code in parents},
        {code: below for code, below in existing.children.items() if code in codes},
        options.repair or 0.0,
        options.cut_enclaves,
    )
    found = run_sandboxed("ingest.files.grid_coverage", job.as_json())
    problems = [Problem(**problem) for problem in found["problems"]]
    ending = [p for p in problems if p.code == LEAVES_CHILD and existing.ends_below]
    return Checked(
        rows=_with_mended(checked.rows, found["lines"]),
        problems=[p for p in problems if p not in ending],
        notes=[*checked.notes, *found["notes"], *map(_ends_below, ending)],
        drawing=found["drawing"],
    )


def _require_order(rows: Sequence[GridRow], existing: ExistingDivisions) -> None:
    """Raise FileRefused if all grids lie beside their parents, and would lie there with x and y exchanged."""
    if not rows or not (known := [existing.outlines[row.parent] for row in rows if row.parent in existing.outlines]):
        return
    west, south, east, north = shapely.total_bounds(known)
    x0, y0, x1, y1 = shapely.total_bounds([row.geometry for row in rows])
    area = shapely.box(west, south, east, north)
    if not area.intersects(shapely.box(x0, y0, x1, y1)) and area.intersects(shapely.box(y0, x0, y1, x1)):
        raise refuse("coordinate.swapped", value=f"{x0:.4f}, {y0:.4f}")


def _with_mended(rows: Sequence[GridRow], lines: Mapping[str, str]) -> list[GridRow]:
    """Return the rows with the boundaries that were mended, in WKB by code."""
    mended = dict(zip(lines, shapely.from_wkb([*lines.values()]), strict=True))
    return [
        replace(row, geometry=MultiPolygon(shapely.get_parts(mended[row.code]).tolist())) if row.code in mended else row
        for row in rows
    ]


def _ends_below(problem: Problem) -> dict[str, object]:
    """Turn a problem into the note of a division that ends, as `ends_below` asks for."""
    params = problem.params
    sizes = {name: params[name] for name in ("width_m", "length_m", "square_metres")}
    return {"code": ENDS_BELOW, "grid": params["code"], "other": params["other"], **sizes}
