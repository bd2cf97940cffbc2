"""Read one row field by field, collecting all problems so that a report lists them together."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from shapely import Point
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from geo.datum import Datum, NotACoordinate, geometry_to_wgs84
from ingest.files.mapping import FieldMapping
from ingest.files.problems import Problem
from ingest.files.shapes import Location
from ingest.files.table import Record, Table
from layers.exports.rules import FORMULA, restored

Parsed = TypeVar("Parsed")
CONTROL_CHARACTERS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)
"""Characters that are refused in text: PostgreSQL stores no zero bytes, terminals execute control characters, and
bidirectional marks make a name read as another."""
SEPARATORS = re.compile(r"[;；、|]")
YES, NO = frozenset({"1", "true", "yes", "y", "是", "在线"}), frozenset({"0", "false", "no", "n", "否", "离线"})


class Row:
    """A record with its field mapping and the problems found so far. `location` is set if it was located in bulk."""

    def __init__(self, table: Table, record: Record, fields: FieldMapping, location: Location | None = None) -> None:
        self.table, self.record, self.fields, self.location = table, record, fields, location
        self.problems: list[Problem] = []

    def add_problem(self, code: str, field: str | None = None, **params: Any) -> None:
        """Add a problem with a field of this row."""
        column = self.fields.columns.get(field or "")
        cell = self.table.cell(self.record.row, column) if column is not None else None
        self.problems.append(Problem(code, row=self.record.row, field=field, cell=cell, params=params))

    def text(self, field: str, *, required: bool = False, longest: int = 200, label: bool = False) -> str:
        """Read stripped text; empty when absent. A `label` may contain letters, digits and _ only.

        Removes the apostrophe by which an export escapes formulas.
        """
        value = self.fields.raw(self.record, field)
        found = restored(_as_text(value))
        is_formula = isinstance(value, str) and found == value.strip() and FORMULA.match(found)
        if not found and required:
            self.add_problem("field.missing", field)
        if len(found) > longest:
            self.add_problem("text.too_long", field, limit=longest)
        if CONTROL_CHARACTERS.search(found):
            self.add_problem("text.control", field)
        if is_formula:
            self.add_problem("cell.formula", field)
        elif found and label and not re.fullmatch(r"[A-Za-z0-9_]{1,32}", found):
            self.add_problem("code.invalid", field, value=found[:40])
        return found

    def number(self, field: str, *, least: float, most: float, required: bool = False) -> float | None:
        """Read a finite number within bounds; None when absent or invalid."""
        value = self.fields.raw(self.record, field)
        if value is None or value == "":
            if required:
                self.add_problem("field.missing", field)
            return None
        found = self._try(float, value, field, "number.broken")
        if found is None:
            return None
        if not math.isfinite(found):
            self.add_problem("number.not_finite", field)
            return None
        if not least <= found <= most:
            self.add_problem("number.out_of_range", field, least=least, most=most)
            return None
        return found

    def whole(self, field: str) -> int | None:
        """Read a whole number from 0; None when absent or invalid."""
        found = self.number(field, least=0, most=1e9)
        if found is not None and found != int(found):
            self.add_problem("number.not_whole", field)
        return None if found is None else int(found)

    def flag(self, field: str, *, default: bool) -> bool:
        value = self.fields.raw(self.record, field)
        if value is None or value == "":
            return default
        word = str(value).strip().casefold()
        if word not in YES | NO:
            self.add_problem("flag.unknown", field)
        return word in YES

    def one_of(self, field: str, known: Mapping[str, str], *, default: str | None = None) -> str:
        """Read a code, written as itself or a name. `known` maps codes and names, in lower case, to codes."""
        value = self.text(field)
        if not value:
            if default is None:
                self.add_problem("field.missing", field)
            return default or ""
        if value.casefold() not in known:
            self.add_problem(f"{field}.unknown", field, value=value[:60])
        return known.get(value.casefold(), "")

    def some_of(self, field: str, known: Mapping[str, str]) -> list[str]:
        """Read codes separated by `;`."""
        words = [w.strip().casefold() for w in SEPARATORS.split(self.text(field, longest=1000)) if w.strip()]
        for word in words:
            if word not in known:
                self.add_problem(f"{field}.unknown", field, value=word[:60])
        return [known[w] for w in words if w in known]

    def moment(self, field: str, zone: ZoneInfo | None, *, required: bool = False) -> datetime | None:
        """Read a time in UTC. One without a zone needs `zone`, in which it must be neither ambiguous nor missing."""
        value = self.text(field)
        if not value:
            if required:
                self.add_problem("field.missing", field)
            return None
        found = self._try(datetime.fromisoformat, value.replace("/", "-"), field, "time.broken")
        if found is None:
            return None
        if found.tzinfo is None:
            if zone is None:
                self.add_problem("time.naive", field)
                return None
            found = found.replace(tzinfo=zone)
            if found.utcoffset() != found.replace(fold=1).utcoffset():
                self.add_problem("time.not_once", field)
                return None
        return self._try(_in_utc, found, field, "time.broken")

    def point(self, datum: Datum) -> Point | None:
        """Read the point in WGS-84: the geometry if it is a point, else the fields lon and lat."""
        geometry = self.record.geometry
        if geometry is None:
            if self.location is not None:
                return self._located_point(self.location)
            lon = self.number("lon", least=-180, most=180, required=True)
            lat = self.number("lat", least=-180, most=180, required=True)
            geometry = None if lon is None or lat is None else Point(lon, lat)
        elif geometry.geom_type != "Point" or geometry.is_empty:
            self.add_problem("geometry.not_a_point", found=geometry.geom_type)
            return None
        moved = self.wgs84(geometry, datum)
        return moved if isinstance(moved, Point) else None

    def _located_point(self, location: Location) -> Point | None:
        if location.fault is not None:
            self.add_problem(location.fault, location.field)
        return location.wgs84 if isinstance(location.wgs84, Point) else None

    def wgs84(self, geometry: BaseGeometry | None, datum: Datum) -> BaseGeometry | None:
        """Convert the geometry to WGS-84; None with a problem added."""
        if geometry is None:
            return None
        if self.location is not None:
            if self.location.fault is not None:
                self.add_problem(self.location.fault, self.location.field)
            return self.location.wgs84
        if is_swapped(geometry):
            self.add_problem("coordinate.swapped", "lon" if geometry.geom_type == "Point" else None)
            return None
        try:
            return geometry_to_wgs84(geometry, datum)
        except NotACoordinate as refused:
            self.add_problem("coordinate.invalid", refused.params["field"])
        except ShapelyError:
            self.add_problem("geometry.broken")
        return None

    def _try(self, parse: Callable[[Any], Parsed], value: Any, field: str, code: str) -> Parsed | None:
        try:
            return parse(value)
        except (ValueError, TypeError, OverflowError):
            self.add_problem(code, field)
            return None


def is_swapped(geometry: BaseGeometry) -> bool:
    """Return whether longitude and latitude look exchanged: y is beyond ±90, x is not."""
    x0, y0, x1, y1 = geometry.bounds
    return max(abs(x0), abs(x1)) <= 90 < max(abs(y0), abs(y1)) <= 180


def _in_utc(moment: datetime) -> datetime:
    """Convert to UTC. Raises OverflowError at either end of the calendar."""
    return moment.astimezone(UTC)


def _as_text(value: Any) -> str:
    """Convert a value to text: a sheet's number 320509.0 becomes 320509."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
