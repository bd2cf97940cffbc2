"""Read a file of lines that is to be compared with a draft: shapes as they were drawn, faults and all."""

from dataclasses import dataclass
from typing import Any

from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from ingest.files.cells import Row
from ingest.files.checked_rows import Checked
from ingest.files.checking import read_rows
from ingest.files.mapping import Options
from ingest.files.polygons import Polygons, polygons_in
from ingest.files.problems import FileRefused, refuse
from ingest.files.table import Table

LINE_FIELDS = ("code", "name", "parent", "grid_kind", "wkt")


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A shape of the file in WGS-84 degrees, which need not be valid. Empty texts were not given."""

    row: int
    code: str
    name: str
    parent: str
    kind: str
    shape: BaseGeometry


class _AsDrawn(Polygons):
    """Reads polygons without making them valid: what is wrong is shown to who drew them."""

    def _valid(self, row: Row, shape: BaseGeometry) -> MultiPolygon | None:
        return MultiPolygon(polygons_in(shape))


def read_drawn(table: Table, options: Options) -> Checked[DrawnRow]:
    """Read every row of a table. Raises `FileRefused` with all that cannot be read."""
    polygons = _AsDrawn(options)

    def read(row: Row) -> DrawnRow:
        return DrawnRow(
            row=row.record.row,
            code=row.text("code", label=True),
            name=row.text("name"),
            parent=row.text("parent", longest=32),
            kind=row.text("grid_kind"),
            shape=_single(polygons.of(row)),
        )

    checked = read_rows(table, LINE_FIELDS, options, read)
    if checked.problems:
        raise FileRefused(checked.problems)
    if not checked.rows:
        raise refuse("table.empty")
    notes: list[Any] = [*checked.notes, *polygons.notes()]
    return Checked(rows=checked.rows, notes=notes)


def _single(shape: MultiPolygon | None) -> BaseGeometry:
    """Return a multipolygon of one part as that polygon."""
    if shape is None:
        return MultiPolygon()
    return shape.geoms[0] if len(shape.geoms) == 1 else shape
