"""Read one row field by field, collecting all problems so that a report lists them together."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from shapely import Point
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from geo.datum import Datum, NotACoordinate, geometry_to_wgs84
from geo.text import has_unseen
from ingest.files.dates import NotATime, Written, joined, read_iso, read_written
from ingest.files.mapping import FieldMapping
from ingest.files.numbers import read_number
from ingest.files.places import LONGEST_SHOWN, POINT_FIELDS, written_place
from ingest.files.problems import Problem
from ingest.files.shapes import Location
from ingest.files.table import Record, Table
from layers.exports.rules import restored

SHOWN_AS_WRITTEN = ("coordinate.", "point.", "time.")
SEPARATORS = re.compile(r"[;；、|]")
IDENTIFIERS = frozenset({"code", "parent", "division", "external_no", "device"})
ERROR_VALUES = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
"""What spreadsheets write for a failed formula when they save text."""
OF_DIVISIONS = frozenset({"parent", "division"})
"""Fields with codes of divisions, which have no point: 320509.0 is a number that a program wrote."""
MARKS_OF_NONE = frozenset({"", "-", "--", "—", "——", "/", "\\", "无"})
"""What stands in a time's cell that has none."""
EXACT, EXACT_IN_SHEETS = 2.0**53, 1e15
"""Numbers from here on have lost their last digits: a spreadsheet keeps fifteen of them."""
MOST_LISTED = 12
"""Codes that the refusal of an unknown one names."""
_WHOLE = re.compile(r"(\d+)\.0+")
_POWER_OF_TEN = re.compile(r"\d(?:\.\d+)?E\+\d{2,3}", re.IGNORECASE)
YES = frozenset({"1", "true", "yes", "y", "是", "在线", "√", "✓", "✔"})
NO = frozenset({"0", "false", "no", "n", "否", "离线", "×", "✗", "✘"})


class Row:
    """A record with its field mapping and the problems found so far. `location` is set if it was located in bulk.

    `counted_days` tells whether a time was written as a spreadsheet's count of days, `has_error_value` whether a text
    is what a failed formula leaves: it may be meant, since exports keep all text.
    """

    def __init__(self, table: Table, record: Record, fields: FieldMapping, location: Location | None = None) -> None:
        self.table, self.record, self.fields, self.location = table, record, fields, location
        self.problems: list[Problem] = []
        self.counted_days = False
        self.has_error_value = False

    def add_problem(self, code: str, field: str | None = None, **params: Any) -> None:
        """Add a problem with a field of this row. One of a place or time shows what is written there."""
        if "value" not in params and code.startswith(SHOWN_AS_WRITTEN):
            params["value"] = self._as_written(field)
        column = self.fields.columns.get(field or "")
        cell = self.table.cell(self.record.row, column) if column is not None else None
        self.problems.append(Problem(code, row=self.record.row, field=field, cell=cell, params=params))

    def _as_written(self, field: str | None) -> str:
        geometry = self.record.geometry
        if isinstance(geometry, Point) and not geometry.is_empty:
            return f"{geometry.x!r}, {geometry.y!r}"
        names = POINT_FIELDS if field in (None, *POINT_FIELDS) else (field,)
        values = [self.fields.raw(self.record, name) for name in names]
        return shown(", ".join(str(value) for value in values if value is not None))

    def text(self, field: str, *, required: bool = False, longest: int = 200, label: bool = False) -> str:
        """Read stripped text; empty when absent. A `label` may contain letters, digits and _ only.

        Removes the apostrophe by which an export escapes formulas. Text that begins like one is text: exports escape
        it again, and a sheet's own formulas are refused where the sheet is read.
        """
        value = self.fields.raw(self.record, field)
        if value is None and not required:
            return ""
        found = restored(_as_text(value))
        if field in IDENTIFIERS and self._is_rounded(value, found):
            self.add_problem("code.rounded", field, value=found[:40])
        if label or field in OF_DIVISIONS:
            found = found.lstrip("'")
            found = found.partition(".")[0] if _WHOLE.fullmatch(found) else found
        self.has_error_value = self.has_error_value or (found[:1] == "#" and found.upper() in ERROR_VALUES)
        if not found and required:
            self.add_problem("field.missing", field)
        if len(found) > longest:
            self.add_problem("text.too_long", field, limit=longest)
        if has_unseen(found):
            self.add_problem("text.control", field)
        if found and label and not re.fullmatch(r"[A-Za-z0-9_]{1,32}", found):
            self.add_problem("code.invalid", field, value=found[:40], name=field)
        return found

    def _is_rounded(self, value: Any, text: str) -> bool:
        """Return whether an identifier went as a number through a program that keeps fewer digits."""
        exact = EXACT_IN_SHEETS if self.table.sheet is not None else EXACT
        return (isinstance(value, float) and abs(value) >= exact) or bool(_POWER_OF_TEN.fullmatch(text))

    def number(
        self, field: str, *, least: float, most: float, required: bool = False, whole: bool = False
    ) -> float | None:
        """Read a finite number within bounds; None when absent or invalid."""
        value = self.fields.raw(self.record, field)
        if value is None or value == "":
            if required:
                self.add_problem("field.missing", field)
            return None
        try:
            found = read_number(value, whole=whole)
        except (ValueError, TypeError, OverflowError):
            self.add_problem("number.broken", field, value=shown(value))
            return None
        if not math.isfinite(found):
            self.add_problem("number.not_finite", field, value=shown(value))
            return None
        if not least <= found <= most:
            self.add_problem("number.out_of_range", field, value=shown(value), least=least, most=most)
            return None
        return found

    def whole(self, field: str) -> int | None:
        """Read a whole number from 0; None when absent or invalid."""
        found = self.number(field, least=0, most=1e9, whole=True)
        if found is not None and found != int(found):
            self.add_problem("number.not_whole", field, value=found)
        return None if found is None else int(found)

    def flag(self, field: str, *, default: bool) -> bool:
        value = self.fields.raw(self.record, field)
        if value is None or value == "":
            return default
        word = str(value).strip().casefold()
        if word not in YES | NO:
            self.add_problem("flag.unknown", field, value=shown(value))
        return word in YES

    def one_of(self, field: str, known: Mapping[str, str], *, default: str | None = None) -> str:
        """Read a code, written as itself or a name. `known` maps codes and names, in lower case, to codes."""
        written = self.fields.raw(self.record, field)
        if isinstance(written, str) and (code := self.fields.codes.get((field, written))):
            return code
        value = self.text(field)
        if not value:
            if default is None:
                self.add_problem("field.missing", field)
            return default or ""
        if value.casefold() not in known:
            self.add_problem(f"{field}.unknown", field, value=value[:60], known=_listed(tuple(known.values())))
        elif isinstance(written, str) and not self.problems and not self.has_error_value:
            self.fields.codes[field, written] = known[value.casefold()]
        return known.get(value.casefold(), "")

    def some_of(self, field: str, known: Mapping[str, str]) -> list[str]:
        """Read codes separated by `;`."""
        words = [w.strip().casefold() for w in SEPARATORS.split(self.text(field, longest=1000)) if w.strip()]
        for word in words:
            if word not in known:
                self.add_problem(f"{field}.unknown", field, value=word[:60], known=_listed(tuple(known.values())))
        return [known[w] for w in words if w in known]

    def moment(self, field: str, zone: ZoneInfo | None, *, required: bool = False) -> datetime | None:
        """Read a time in UTC. One without a zone needs `zone`, in which it must be neither ambiguous nor missing.

        The day and the time of day of `x_at` may stand in columns of their own, `x_date` and `x_time`.
        """
        named = self.fields.moments(field)
        values = [value for name in named if (value := self._cell(name)) is not None]
        if not values:
            if required:
                self.add_problem("field.missing", field)
            return None
        value = shown(" ".join(map(str, values)))
        if len(values) == 1 and (plain := read_iso(values[0], self.fields.dates)):
            return self._in_utc(plain, zone, field, value)
        try:
            parts = self._parts(values)
            found = joined(parts)
        except NotATime as refused:
            self.add_problem(refused.code, field, value=value)
            return None
        self.counted_days = self.counted_days or any(part.serial for part in parts)
        return self._in_utc(found, zone, field, value)

    def moment_after(self, field: str, begin: datetime, zone: ZoneInfo) -> datetime | None:
        """Read a required time that may be a time of day alone: the first one after `begin`, 24:00 among them."""
        value = self._cell(field)
        if value is None:
            self.add_problem("field.missing", field)
            return None
        try:
            clock = self._parts([value])[0]
        except NotATime:
            return self._on_day(field, begin.astimezone(zone).date(), zone)
        if clock.day is not None or clock.clock is None or clock.clock.tzinfo is not None:
            return self.moment(field, zone, required=True)
        local = begin.astimezone(zone)
        days_later = timedelta(days=clock.clock <= local.time())
        return self._in_utc(datetime.combine(local.date() + days_later, clock.clock), zone, field, shown(value))

    def _on_day(self, field: str, day: date, zone: ZoneInfo) -> datetime | None:
        """Read a time of day that needs its day, such as 24:00."""
        value = self._cell(field)
        try:
            found = joined([read_written(f"{day} {value}")])
        except NotATime as refused:
            self.add_problem(refused.code, field, value=shown(value))
            return None
        return self._in_utc(found, zone, field, shown(value))

    def _parts(self, values: Sequence[Any]) -> list[Written]:
        """Read a time's columns. Beside one that says all, another that is no time means something else."""
        parts: list[Written] = []
        for value in values:
            try:
                parts.append(read_written(value, self.fields.dates, from_1904=self.fields.from_1904))
            except NotATime:
                if not any(part.day and part.clock for part in parts):
                    raise
        return parts

    def _cell(self, field: str) -> Any:
        """Return a cell's value without apostrophes before it; None for a blank one, or a mark of none."""
        value = self.fields.raw(self.record, field)
        if not isinstance(value, str):
            return value
        text = value.strip().lstrip("'")
        return None if text in MARKS_OF_NONE else text

    def _in_utc(self, found: datetime, zone: ZoneInfo | None, field: str, value: str) -> datetime | None:
        if found.tzinfo is None:
            if zone is None:
                self.add_problem("time.naive", field, value=value)
                return None
            found = found.replace(tzinfo=zone)
            if found.utcoffset() != found.replace(fold=1).utcoffset():
                self.add_problem("time.not_once", field, value=value)
                return None
        try:
            return found.astimezone(UTC)
        except OverflowError:  # Either end of the calendar.
            self.add_problem("time.broken", field, value=value)
            return None

    def point(self, datum: Datum) -> Point | None:
        """Read the point in WGS-84: the geometry if it is a point, else the row's coordinates."""
        geometry = self.record.geometry
        if geometry is None:
            if self.location is not None:
                return self._located_point(self.location)
            place = written_place(self.fields, self.record)
            for fault in place.faults:
                self.add_problem(fault.code, fault.field, **fault.params)
            geometry = None if place.faults else Point(place.lon, place.lat)
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


def is_swapped(geometry: BaseGeometry) -> bool:
    """Return whether longitude and latitude look exchanged: y is beyond ±90, x is not."""
    x0, y0, x1, y1 = geometry.bounds
    return max(abs(x0), abs(x1)) <= 90 < max(abs(y0), abs(y1)) <= 180


def shown(value: Any) -> str:
    """Return a value as a refusal shows it."""
    return str(value)[:LONGEST_SHOWN]


@lru_cache(maxsize=16)
def _listed(codes: tuple[str, ...]) -> str:
    """List the first codes once each; cached, since thousands of rows may have the same problem."""
    distinct = list(dict.fromkeys(codes))
    return ", ".join(distinct[:MOST_LISTED]) + (", …" if len(distinct) > MOST_LISTED else "") or "–"


def _as_text(value: Any) -> str:
    """Convert a value to text: a sheet's number 320509.0 becomes 320509."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
