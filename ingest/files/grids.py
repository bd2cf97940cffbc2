"""From a table to divisions' lines: each sound by itself, each inside its parent, none over another."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import shapely
from shapely import MultiPolygon, Polygon
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from geo.plane import Plane
from ingest.files.cells import Row
from ingest.files.checking import code_from, read_rows, repeated, with_problems
from ingest.files.mapping import Options
from ingest.files.observations import Checked, GridLine
from ingest.files.problems import Problem
from ingest.files.table import Table

GRID_FIELDS = ("code", "name", "parent", "households", "enterprises", "wkt")
SLIVER_M2 = 1.0
"""What two surveys of one line may differ by: less than this is no overlap, no gap and no overhang."""


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
    if swapped(geometry):
        row.fault("coordinate.swapped")
        return None
    moved = row.wgs84(geometry, options.datum)
    if moved is None:
        return None
    if not moved.is_valid:
        row.fault("geometry.invalid", reason=explain_validity(moved))
        return None
    return MultiPolygon(shapely.get_parts(moved).tolist())


def swapped(geometry: BaseGeometry) -> bool:
    """Whether its second coordinate can be no latitude while its first could."""
    x0, y0, x1, y1 = geometry.bounds
    return max(abs(y0), abs(y1)) > 90 >= max(abs(x0), abs(x1)) and max(abs(y0), abs(y1)) <= 180


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
    problems = [*_overlaps(checked.rows), *_overhangs(checked.rows, around), *_left_outside(checked.rows, around)]
    notes = [*checked.notes]
    if not problems:
        notes += chain.from_iterable(_gaps(parent, lines, around) for parent, lines in families.items())
    return Checked(rows=checked.rows, problems=problems, notes=notes)


def _overlaps(lines: Sequence[GridLine]) -> Iterable[Problem]:
    """Any two lines of the file, whatever their parents: they are of one level, and a place has one grid."""
    tree = shapely.STRtree([line.geometry for line in lines])
    left, right = tree.query([line.geometry for line in lines], predicate="intersects")
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        if i < j:
            area = _square_metres(lines[i].geometry.intersection(lines[j].geometry))
            if area > SLIVER_M2:
                yield _amiss("grid.overlaps", lines[i], area, other=lines[j].code)


def _overhangs(lines: Iterable[GridLine], around: Neighbourhood) -> Iterable[Problem]:
    """Lines that reach beyond their parent."""
    for line in lines:
        outline = around.outlines.get(line.parent)
        area = 0.0 if outline is None else _square_metres(line.geometry.difference(outline))
        if area > SLIVER_M2:
            yield _amiss("grid.outside_parent", line, area, other=line.parent)


def _left_outside(lines: Iterable[GridLine], around: Neighbourhood) -> Iterable[Problem]:
    """Lines redrawn so that what lies below them, and stays, would hang over."""
    for line in lines:
        for code, child in around.children.get(line.code, {}).items():
            area = _square_metres(child.difference(line.geometry))
            if area > SLIVER_M2:
                yield _amiss("grid.leaves_child", line, area, other=code)


def _gaps(parent: str, lines: Sequence[GridLine], around: Neighbourhood) -> Iterable[dict[str, object]]:
    """A note for a parent that its children do not fill."""
    outline = around.outlines.get(parent)
    if outline is not None:
        area = _square_metres(outline.difference(shapely.union_all([line.geometry for line in lines])))
        if area > SLIVER_M2:
            yield {"code": "grid.gap", "parent": parent, "square_metres": round(area, 1)}


def _square_metres(geometry: BaseGeometry) -> float:
    return 0.0 if geometry.is_empty else Plane.at(geometry).area_m2(geometry)


def _amiss(code: str, line: GridLine, area: float, *, other: str) -> Problem:
    params = {"code": line.code, "other": other, "square_metres": round(area, 1)}
    return Problem(code, row=line.row, field="geometry", params=params)
