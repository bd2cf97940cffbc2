"""Read the polygons of a row of grids, and make invalid ones valid."""

from collections import defaultdict
from dataclasses import dataclass, field

import shapely
from shapely import GeometryCollection, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from geo.coverage.repair.mending import TOLERANCE_M
from geo.plane import Plane
from ingest.files.cells import Row
from ingest.files.limits import LIMITS
from ingest.files.mapping import Options
from ingest.files.polygon_text import NotAPolygonText, read_polygon
from ingest.files.rows import too_many_vertices

NAMED = 20
"""Rows that a note names at most."""


@dataclass(slots=True)
class Polygons:
    """Reads polygons row by row, and remembers the rows in which it changed something, by the note's code."""

    options: Options
    changed: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def notes(self) -> list[dict[str, object]]:
        """Return a note for each kind of change, with the rows."""
        return [{"code": code, "rows": rows[:NAMED], "count": len(rows)} for code, rows in self.changed.items()]

    def of(self, row: Row) -> MultiPolygon | None:
        """Return the row's polygons in WGS-84; None with a problem added."""
        noted = len(row.problems)
        geometry = row.record.geometry if row.record.geometry is not None else self._from_text(row)
        if geometry is None or geometry.is_empty:
            if len(row.problems) == noted:
                row.add_problem("geometry.missing")
            return None
        if isinstance(geometry, GeometryCollection):
            geometry = self._only_polygons(row, geometry)
        if not isinstance(geometry, Polygon | MultiPolygon):
            row.add_problem("geometry.not_a_polygon", found=geometry.geom_type)
            return None
        moved = row.wgs84(geometry, self.options.datum)
        if isinstance(moved, GeometryCollection):
            moved = MultiPolygon(polygons_in(moved))
        return None if moved is None else self._valid(row, moved)

    def _from_text(self, row: Row) -> BaseGeometry | None:
        geometry = _from_text(row)
        return shapely.transform(geometry, lambda v: v[:, ::-1]) if geometry and self.options.swap_xy else geometry

    def _only_polygons(self, row: Row, mixed: BaseGeometry) -> BaseGeometry:
        found = polygons_in(mixed)
        if not found:
            return mixed
        if len(found) < len(shapely.get_parts(mixed)):
            self.changed["geometry.lines_dropped"].append(row.record.row)
        return MultiPolygon(found)

    def _valid(self, row: Row, shape: BaseGeometry) -> MultiPolygon | None:
        """Make a polygon valid if that changes no area, or if `--repair` asks for it; else add a problem."""
        if row.location.is_valid if row.location else shape.is_valid:
            return MultiPolygon(polygons_in(shape))
        made = made_valid(shape)
        lost = Plane.at(shape).area_m2(shape) - Plane.at(shape).area_m2(made)
        if made.is_empty or (self.options.repair is None and abs(lost) > TOLERANCE_M * _perimeter_m(shape)):
            row.add_problem("geometry.invalid", reason=explain_validity(shape), square_metres=round(abs(lost), 1))
            return None
        self.changed["geometry.made_valid"].append(row.record.row)
        return made


def made_valid(shape: BaseGeometry) -> MultiPolygon:
    """Return a valid polygon of the same shells and holes. Rings without an area are dropped."""
    return MultiPolygon(polygons_in(shapely.make_valid(shape, method="structure", keep_collapsed=False)))


def polygons_in(geometry: BaseGeometry) -> list[Polygon]:
    """Return all polygons within a geometry, however its collections are nested."""
    return [part for part in _simple_parts(geometry) if isinstance(part, Polygon) and not part.is_empty]


def _simple_parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    waiting, found = [geometry], []
    while waiting:
        one = waiting.pop()
        if hasattr(one, "geoms"):
            waiting.extend(reversed(one.geoms))
        else:
            found.append(one)
    return found


def _perimeter_m(shape: BaseGeometry) -> float:
    return float(Plane.at(shape).flatten(shape).length)


def _from_text(row: Row) -> BaseGeometry | None:
    try:
        return read_polygon(str(row.fields.raw(row.record, "wkt") or ""))
    except NotAPolygonText as refused:
        if refused.code == "geometry.too_many_vertices":
            row.problems.append(too_many_vertices(row.record.row, int(refused.found or 0), LIMITS))
        else:
            row.add_problem(refused.code, "wkt", **({} if refused.found is None else {"found": refused.found}))
        return None
