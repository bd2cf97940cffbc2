"""Check files of the register: units, and counts of households, premises and enterprises by division."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from ingest.files.cells import Row
from ingest.files.checked_rows import Checked, CountRow, UnitRow
from ingest.files.checking import (
    CountyOutline,
    division_of,
    duplicates,
    has_no_place,
    no_news,
    read_rows,
    with_problems,
)
from ingest.files.mapping import Options
from ingest.files.places import POINT_FIELDS
from ingest.files.table import Table

UNIT_FIELDS = (
    "code", "kind", "name", "name_en", "division", "parent", "hours", "telephone", "services", "specialities",
    "attendance", "running", *POINT_FIELDS,
)  # fmt: skip
COUNT_FIELDS = ("division", "households", "premises", "enterprises", "counted_on")
COUNTS = ("households", "premises", "enterprises")
ATTENDANCES = {c: c for c in ("resident", "rotating", "on_call")} | {
    "常驻": "resident",
    "轮驻": "rotating",
    "随叫随驻": "on_call",
}


@dataclass(frozen=True, slots=True)
class UnitWords:
    """Codes of the pack for units. Each mapping has codes and names, in lower case, and leads to codes."""

    kinds: Mapping[str, str]
    hours: Mapping[str, str]
    services: Mapping[str, str]
    specialities: Mapping[str, str]


def check_units(
    table: Table,
    options: Options,
    *,
    county: CountyOutline,
    words: UnitWords,
    divisions: Collection[str],
    on_rows: Callable[[int], None] = no_news,
) -> Checked[UnitRow]:
    """Check units. One without a place needs its division."""

    def read(row: Row) -> UnitRow:
        placeless = has_no_place(row)
        point = None if placeless else row.point(options.datum)
        county.check(row, point)
        code = row.text("code", required=True, longest=64)
        division = division_of(row, divisions)
        if placeless and not division and not row.problems:
            row.add_problem("field.missing", "division")
        name = row.text("name") or code
        return UnitRow(
            row=row.record.row,
            code=code,
            kind=row.one_of("kind", words.kinds),
            name=name,
            name_en=row.text("name_en") or name,
            division=division,
            parent=row.text("parent", longest=64),
            hours=row.one_of("hours", words.hours, default=""),
            telephone=row.text("telephone", longest=32),
            services=row.some_of("services", words.services),
            specialities=row.some_of("specialities", words.specialities),
            attendance=row.one_of("attendance", ATTENDANCES, default=""),
            running=row.flag("running", default=True),
            point=point,
        )

    checked = read_rows(table, UNIT_FIELDS, options, read, county=county, on_rows=on_rows)
    return with_problems(checked, duplicates(checked.rows, lambda r: r.code))


def check_counts(
    table: Table,
    options: Options,
    *,
    divisions: Collection[str],
    coarse: Collection[str],
    zone: ZoneInfo,
    today: date,
) -> Checked[CountRow]:
    """Check counts. A division of which parts have counts (`coarse`) is refused: it would count households twice."""

    def read(row: Row) -> CountRow:
        division = division_of(row, divisions)
        if not division and not row.problems:
            row.add_problem("field.missing", "division")
        if division in coarse:
            row.add_problem("counts.finer", "division", value=division)
        moment = row.moment("counted_on", zone)
        day = None if moment is None else moment.astimezone(zone).date()
        if day is not None and day > today:
            row.add_problem("time.future", "counted_on")
        households, premises, enterprises = (row.whole(name) for name in COUNTS)
        if (households, premises, enterprises) == (None, None, None) and not row.problems:
            row.add_problem("field.missing", "households")
        return CountRow(row.record.row, division, day, households, premises, enterprises)

    checked = read_rows(table, COUNT_FIELDS, options, read)
    return with_problems(checked, duplicates(checked.rows, lambda r: r.division, field="division"))
