"""From a table to divisions' lines: each sound by itself, each inside its parent, none over another."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import shapely
from shapely import MultiPolygon, Polygon
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from geo.coverage import DIGITISED_M2, check
from geo.coverage import Fault as FaultKind
from geo.coverage import Problem as Fault
from ingest.files.cells import Row
from ingest.files.checking import code_from, read_rows, repeated, with_problems
from ingest.files.mapping import Options
from ingest.files.observations import Checked, GridLine
from ingest.files.problems import Problem
from ingest.files.table import Table

GRID_FIELDS = ("code", "name", "parent", "households", "enterprises", "wkt")
CODES = {FaultKind.OVERLAP: "grid.overlaps", FaultKind.OUTSIDE: "grid.outside_parent"}


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What is in the store on the day: outlines by code of those that can be parents, and of children by parent's code.

    `root` is the code of the division that everything lies in; when `outlines` has none for it, the file's own lines
    together make it. `parent` is used for rows that name none.
    """

    root: str
    parent: str
    outlines: Mapping[str, BaseGeometry] = field(default_factory=dict)
    children: Mapping[str, Mapping[str, BaseGeometry]] = field(default_factory=dict)

    def knows(self, parent: str) -> bool:
        return parent in self.outlines or parent == self.root


def check_grids(table: Table, options: Options, *, around: Neighbourhood) -> Checked[GridLine]:
    """Each row as a line, and whether the lines fit together and into what is there."""

    def read(row: Row) -> GridLine:
        name = row.text("name")
        made = code_from(name) if options.codes_from_names else ""
        code = row.text("code", label=True, required=not made) or made
        parent = row.text("parent", longest=32) or around.parent
        if not around.knows(parent):
            row.fault("parent.unknown", "parent", value=parent)
        if code == around.root:
            row.fault("code.is_root", "code", value=code)
        return GridLine(
            row=row.record.row,
            code=code,
            name=name or code,
            parent=parent,
            geometry=line_of(row, options) or MultiPolygon(),
            households=row.whole("households"),
            enterprises=row.whole("enterprises"),
        )

    checked = read_rows(table, GRID_FIELDS, options, read)
    checked = with_problems(checked, repeated(checked.rows, lambda r: r.code))
    if checked.problems:
        return checked
    return _fitted(checked, around)


def line_of(row: Row, options: Options) -> MultiPolygon | None:
    """The row's polygons in WGS-84, once they are polygons and valid as they stand: nothing is mended silently."""
    geometry = row.record.geometry if row.record.geometry is not None else _from_wkt(row)
    if geometry is None or geometry.is_empty:
        row.fault("geometry.missing")
        return None
    if not isinstance(geometry, Polygon | MultiPolygon):
        row.fault("geometry.not_a_polygon", found=geometry.geom_type)
        return None
    moved = row.wgs84(geometry, options.datum)
    if moved is None:
        return None
    if not moved.is_valid:
        row.fault("geometry.invalid", reason=explain_validity(moved))
        return None
    return MultiPolygon(shapely.get_parts(moved).tolist())


def _from_wkt(row: Row) -> BaseGeometry | None:
    text = row.fields.raw(row.record, "wkt")
    try:
        return shapely.from_wkt(str(text)) if text else None
    except ShapelyError:
        row.fault("geometry.broken", "wkt")
        return None


def _fitted(checked: Checked[GridLine], around: Neighbourhood) -> Checked[GridLine]:
    """The lines with what is wrong between them: overlaps and overhangs are problems, gaps are worth a note."""
    families: dict[str, list[GridLine]] = defaultdict(list)
    for line in checked.rows:
        families[line.parent].append(line)
    problems, notes = [], [*checked.notes]
    for parent, lines in families.items():
        faults = check(
            [line.geometry for line in lines],
            [line.code for line in lines],
            around.outlines.get(parent),
            tolerance_m2=DIGITISED_M2,
        )
        problems += list(_amiss(faults, lines, parent))
        notes += list(_gaps(faults, parent))
    problems += [p for line in checked.rows for p in _left_outside(line, around)]
    return Checked(rows=checked.rows, problems=problems, notes=notes)


def _amiss(faults: Iterable[Fault], lines: Sequence[GridLine], parent: str) -> Iterator[Problem]:
    rows = {line.code: line.row for line in lines}
    for fault in faults:
        if fault.fault in CODES:
            params = {"code": fault.code, "other": fault.other or parent, "square_metres": round(fault.area_m2, 1)}
            yield Problem(CODES[fault.fault], row=rows[fault.code], field="geometry", params=params)


def _gaps(faults: Iterable[Fault], parent: str) -> Iterator[dict[str, object]]:
    """A note for a parent that its children do not fill."""
    area = sum(fault.area_m2 for fault in faults if fault.fault is FaultKind.GAP)
    if area:
        yield {"code": "grid.gap", "parent": parent, "square_metres": round(area, 1)}


def _left_outside(line: GridLine, around: Neighbourhood) -> Iterator[Problem]:
    """A line redrawn so that what lies below it, and stays, would hang over."""
    below = around.children.get(line.code, {})
    for fault in check(list(below.values()), list(below), line.geometry, tolerance_m2=DIGITISED_M2):
        if fault.fault is FaultKind.OUTSIDE:
            params = {"code": line.code, "other": fault.code, "square_metres": round(fault.area_m2, 1)}
            yield Problem("grid.leaves_child", row=line.row, field="geometry", params=params)
