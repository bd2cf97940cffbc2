"""Check a table's rows: cameras, places, incidents and forces. Grids, which must fit together, are in `grids`."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import shapely
from shapely import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry
from shapely.prepared import PreparedGeometry, prep

from geo.coverage.owners import SLIT_DEGREES
from ingest.files.cells import Row
from ingest.files.checked_rows import CameraRow, Checked, ForceRow, IncidentRow, KeyAreaRow, PlaceRow, Vocabulary
from ingest.files.crs import to_geographic
from ingest.files.mapping import FieldMapping, Options, check_datum, distinct, map_fields, unused_columns
from ingest.files.places import POINT_FIELDS, written_place
from ingest.files.polygons import Polygons
from ingest.files.problems import Problem
from ingest.files.projected import columns_to_geographic
from ingest.files.remarks import check_times, reading_notes, without_remarks
from ingest.files.shapes import locate_rows, with_axes_exchanged, with_single_points
from ingest.files.table import Table
from ingest.reports.content import observation_with_digest
from ingest.reports.report import time_errors

CheckedRow = TypeVar("CheckedRow")
CAMERA_FIELDS = ("code", "name", "owner", "heading", "fov_deg", "range_m", "level", "ptz", "online", "said_at",
                 "division", *POINT_FIELDS)  # fmt: skip
DAY_AND_TIME = ("occurred_date", "occurred_time", "closed_date", "closed_time")
KEY_AREA_FIELDS = ("code", "kind", "name", "division", "wkt")
PLACE_FIELDS = ("code", "kind", "name", "name_en", "division", *POINT_FIELDS)
REPORT_FIELDS = (
    "source", "external_no", "category", "title", "description", "address", "occurred_at", "closed_at", "risk",
    "language", *DAY_AND_TIME, *POINT_FIELDS,
)  # fmt: skip
FORCE_FIELDS = (
    "code", "name", "kind", "organisation", "specialities", "languages", "mode", "duty", "device", "device_datum",
    "telephone", "division", *POINT_FIELDS,
)  # fmt: skip
DUTIES = {c: c for c in ("on", "on_call", "off")} | {"在岗": "on", "随叫": "on_call", "备勤": "on_call", "离岗": "off"}
DEVICE_DATUMS = {c: c for c in ("wgs84", "gcj02", "bd09")} | {"wgs-84": "wgs84", "gcj-02": "gcj02", "bd-09": "bd09"}
EARLIEST = datetime.min.replace(tzinfo=UTC)
"""Placeholder of a missing time: such a row has a problem and is left out."""
ROWS_NAMED = 20
ROWS_BETWEEN_NEWS = 1000
DEFAULT_HEADING, DEFAULT_FOV, DEFAULT_RANGE = 0.0, 360.0, 100.0


def no_news(rows: int) -> None:
    """Ignore how many rows are checked."""


class CountyOutline:
    """The county's outline, prepared for point-in-polygon tests. Wider by the tolerance of borders: a point beside it
    by less belongs to the nearest division."""

    def __init__(self, outline: BaseGeometry) -> None:
        self.outline = shapely.buffer(outline, SLIT_DEGREES, quad_segs=1)
        self._inside: PreparedGeometry[Any] = prep(self.outline)
        self._bounds = shapely.box(*outline.bounds)

    def has_point(self, point: Point) -> bool:
        return bool(self._inside.intersects(point))

    def contains(self, row: Row, point: Point) -> bool:
        """Return whether the row's point is in the county, from the bulk location if there is one."""
        known = row.location.inside if row.location else None
        return self.has_point(point) if known is None else known

    def check(self, row: Row, point: Point | None) -> None:
        """Add a problem for a point outside the county, or one that would be inside with lon and lat exchanged."""
        if point is None or self.contains(row, point):
            return
        swapped = self._bounds.intersects(Point(point.y, point.x))
        row.add_problem("coordinate.swapped" if swapped else "point.outside", "lon")


def read_rows(
    table: Table,
    wanted: Sequence[str],
    options: Options,
    read: Callable[[Row], CheckedRow],
    *,
    county: CountyOutline | None = None,
    on_rows: Callable[[int], None] = no_news,
) -> Checked[CheckedRow]:
    """Read every row with `read`. Rows with a problem are left out, and their problems are in the result.

    Geometries of all rows are converted, and compared with `county`, in bulk. `on_rows` gets the number of
    rows read, now and then.
    """
    check_datum(table, options)
    table = with_axes_exchanged(table) if options.swap_xy else table
    table = distinct(to_geographic(with_single_points(table), options.crs), options)
    fields = map_fields(table, wanted, options)
    check_times(table, fields, unused_columns(table, fields), options)
    table, left_out = without_remarks(table, fields)
    table = columns_to_geographic(table, fields, options.crs)
    places = locate_rows(table, fields, options.datum, outline=county.outline if county else None)
    rows, problems, counted_days, error_values = [], [*table.problems], False, []
    for number, (record, location) in enumerate(zip(table.records, places, strict=True), start=1):
        row = Row(table, record, fields, location)
        found = read(row)
        counted_days = counted_days or row.counted_days
        error_values += [record.row] if row.has_error_value else []
        if row.problems:
            problems.extend(row.problems)
        else:
            rows.append(found)
        if number % ROWS_BETWEEN_NEWS == 0:
            on_rows(number)
    problems = without_column(problems, table, fields)
    notes = [*table.notes, *left_out, *reading_notes(fields, counted_days=counted_days)]
    if error_values:
        notes.append({"code": "text.error_values", "count": len(error_values), "rows": error_values[:ROWS_NAMED]})
    if left := unused_columns(table, fields):
        notes.append({"code": "columns.unused_columns", "columns": left})
    return Checked(rows=rows, problems=problems, notes=notes)


def without_column(problems: list[Problem], table: Table, fields: FieldMapping) -> list[Problem]:
    """Replace a field's problems of all rows by one of the file, if the field is missing because it has no column."""
    missing = Counter(problem.field for problem in problems if problem.code == "field.missing")
    names = [name for name, count in missing.items() if name and count == len(table.records) and not fields.has(name)]
    left = [p for p in problems if p.code != "field.missing" or p.field not in names]
    params = {"columns": list(table.columns)}
    return [*(Problem("field.no_column", field=name, params={"name": name, **params}) for name in names), *left]


def duplicates(rows: Iterable[Any], key: Callable[[Any], str], *, field: str = "code") -> list[Problem]:
    """Return a problem for each row whose key is repeated in the file."""
    keyed = [(key(row), row.row) for row in rows]
    counts = Counter(value for value, _ in keyed)
    return [
        Problem(f"{field}.twice", row=row, field=field, params={"value": value})
        for value, row in keyed
        if value and counts[value] > 1
    ]


def with_problems(checked: Checked[CheckedRow], problems: Iterable[Problem]) -> Checked[CheckedRow]:
    return Checked(rows=checked.rows, problems=[*checked.problems, *problems], notes=checked.notes)


def division_of(row: Row, divisions: Collection[str]) -> str:
    """Read the code of the row's division; empty if it has none."""
    division = row.text("division", longest=32)
    if division and division not in divisions:
        row.add_problem("division.unknown", "division", value=division)
    return division


def check_cameras(
    table: Table,
    options: Options,
    *,
    county: CountyOutline,
    divisions: Collection[str] = (),
    on_rows: Callable[[int], None] = no_news,
) -> Checked[CameraRow]:
    def read(row: Row) -> CameraRow:
        point = row.point(options.datum)
        county.check(row, point)
        code = row.text("code", required=True, longest=64)
        heading = row.number("heading", least=0, most=360)
        return CameraRow(
            row=row.record.row,
            code=code,
            name=row.text("name") or code,
            owner=row.text("owner", longest=64),
            point=point or Point(),
            heading=DEFAULT_HEADING if heading is None else heading % 360,
            fov_deg=row.number("fov_deg", least=1, most=360) or DEFAULT_FOV,
            range_m=row.number("range_m", least=1, most=20_000) or DEFAULT_RANGE,
            online=row.flag("online", default=True),
            level=int(row.number("level", least=1, most=3, whole=True) or 1),
            ptz=row.flag("ptz", default=False),
            said_at=row.moment("said_at", options.zone),
            division=division_of(row, divisions),
        )

    checked = read_rows(table, CAMERA_FIELDS, options, read, county=county, on_rows=on_rows)
    return with_problems(checked, duplicates(checked.rows, lambda r: r.code))


def check_key_areas(
    table: Table, options: Options, *, county: CountyOutline, divisions: Collection[str] = ()
) -> Checked[KeyAreaRow]:
    """Check key areas, each with a kind of letters, digits and _, a polygon of which some lies in the county."""
    polygons = Polygons(options)

    def read(row: Row) -> KeyAreaRow:
        shape = polygons.of(row)
        if shape is not None and not county.outline.intersects(shape):
            row.add_problem("area.outside", "wkt" if row.record.geometry is None else None)
        code = row.text("code", required=True, longest=64)
        return KeyAreaRow(
            row=row.record.row,
            code=code,
            kind=row.text("kind", required=True, label=True),
            name=row.text("name") or code,
            geometry=shape or MultiPolygon(),
            division=division_of(row, divisions),
        )

    checked = read_rows(table, KEY_AREA_FIELDS, options, read)
    checked = replace(checked, notes=[*checked.notes, *polygons.notes()])
    return with_problems(checked, duplicates(checked.rows, lambda r: r.code))


def check_places(
    table: Table,
    options: Options,
    *,
    county: CountyOutline,
    divisions: Collection[str] = (),
    on_rows: Callable[[int], None] = no_news,
) -> Checked[PlaceRow]:
    """Check centres and stations, each with a kind of letters, digits and _."""

    def read(row: Row) -> PlaceRow:
        point = row.point(options.datum)
        county.check(row, point)
        code = row.text("code", required=True, longest=64)
        return PlaceRow(
            row=row.record.row,
            code=code,
            kind=row.text("kind", required=True, label=True),
            name=row.text("name") or code,
            name_en=row.text("name_en"),
            point=point or Point(),
            division=division_of(row, divisions),
        )

    checked = read_rows(table, PLACE_FIELDS, options, read, county=county, on_rows=on_rows)
    return with_problems(checked, duplicates(checked.rows, lambda r: r.code))


def check_incidents(
    table: Table,
    options: Options,
    *,
    county: CountyOutline,
    vocabulary: Vocabulary,
    now: datetime,
    on_rows: Callable[[int], None] = no_news,
) -> Checked[IncidentRow]:
    def read(row: Row) -> IncidentRow:
        address = row.text("address")
        point = None if address and has_no_place(row) else row.point(options.datum)
        county.check(row, point)
        occurred = row.moment("occurred_at", options.zone, required=True)
        closed = row.moment("closed_at", options.zone)
        for field, moment in (("occurred_at", occurred), ("closed_at", closed)):
            for error in time_errors(field, moment, now=now) if moment else ():
                row.add_problem(f"time.{error.code}", field)
        if occurred and closed and closed < occurred:
            row.add_problem("time.out_of_order", "closed_at")
        category = row.one_of("category", vocabulary.categories)
        raw_x, raw_y = (None, None) if point is None else raw_coordinates(row)
        seen = {
            "source": row.one_of("source", vocabulary.sources),
            "external_no": row.text("external_no", longest=128) or None,
            "category": category,
            "title": row.text("title") or category,
            "description": row.text("description", longest=4000),
            "lon": point.x if point else None,
            "lat": point.y if point else None,
            "raw_x": raw_x,
            "raw_y": raw_y,
            "datum": options.datum.value if point else None,
            "address": address,
            "occurred_at": occurred or EARLIEST,
            "closed_at": closed,
            "risk": row.one_of("risk", vocabulary.risks, default="") or None,
            "language": row.one_of("language", vocabulary.languages, default="") or None,
        }
        return IncidentRow(row=row.record.row, observation=observation_with_digest(seen))

    checked = read_rows(table, REPORT_FIELDS, options, read, county=county, on_rows=on_rows)
    twice = duplicates(checked.rows, external_key, field="external_no")
    return with_problems(checked, twice)


def has_no_place(row: Row) -> bool:
    """Return whether a row has neither a geometry nor coordinates."""
    given = (row.fields.raw(row.record, name) for name in POINT_FIELDS)
    return row.record.geometry is None and all(value is None or not str(value).strip() for value in given)


def external_key(report: IncidentRow) -> str:
    """Return the source and number of an incident, unique within a file; empty without a number."""
    return f"{report.observation.source} {report.observation.external_no}" if report.observation.external_no else ""


def raw_coordinates(row: Row) -> tuple[float, float]:
    """Return the coordinates as written in the file."""
    if row.location is not None and row.location.written is not None:
        return row.location.written
    geometry = row.record.geometry
    if isinstance(geometry, Point) and not geometry.is_empty:
        return geometry.x, geometry.y
    place = written_place(row.fields, row.record)
    return place.lon, place.lat


def read_device_datum(row: Row) -> str | None:
    """Read the datum of a force's device: empty for none, None if the file has no such column."""
    if not row.fields.has("device_datum"):
        return None
    return row.one_of("device_datum", DEVICE_DATUMS, default="")


def check_forces(
    table: Table,
    options: Options,
    *,
    county: CountyOutline,
    vocabulary: Vocabulary,
    divisions: frozenset[str],
    on_rows: Callable[[int], None] = no_news,
) -> Checked[ForceRow]:
    def read(row: Row) -> ForceRow:
        home = row.point(options.datum)
        kind = row.one_of("kind", vocabulary.kinds)
        code = row.text("code", required=True, longest=64)
        division = division_of(row, divisions)
        if options.outside and home is not None and not county.contains(row, home):
            if not division and options.outside not in divisions:
                row.add_problem("division.unknown", "division", value=options.outside)
            division = division or options.outside
        else:
            county.check(row, home)
        return ForceRow(
            row=row.record.row,
            code=code,
            name=row.text("name") or code,
            kind=kind,
            organisation=row.text("organisation"),
            specialities=row.some_of("specialities", {**vocabulary.classes, **vocabulary.categories}),
            languages=row.some_of("languages", vocabulary.languages),
            mode=row.one_of("mode", vocabulary.modes, default=vocabulary.mode_of_kind.get(kind, "")),
            home=home or Point(),
            duty=row.one_of("duty", DUTIES, default=vocabulary.duty_of_kind.get(kind, "on")),
            device=row.text("device", longest=64) if row.fields.has("device") else None,
            device_datum=read_device_datum(row),
            telephone=row.text("telephone", longest=32) if row.fields.has("telephone") else None,
            division=division,
        )

    checked = read_rows(table, FORCE_FIELDS, options, read, county=county, on_rows=on_rows)
    devices = duplicates(checked.rows, lambda r: r.device or "", field="device")
    return with_problems(checked, [*duplicates(checked.rows, lambda r: r.code), *devices])


def code_from_name(name: str) -> str:
    """Derive a division's code from its name: `Lone Mountain/USF` gives `lone_mountain_usf`. May be empty."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:32]


def merge_lookups(*lists: Mapping[str, str]) -> dict[str, str]:
    """Merge mappings, with keys in lower case; earlier mappings win."""
    return {word.casefold(): code for one in reversed(lists) for word, code in one.items() if word}
