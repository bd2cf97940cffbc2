"""Leave out what is no row of a list, such as its total, and tell what was read in a particular way."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingest.files.dates import NotATime, Written, read_written
from ingest.files.mapping import FieldMapping, Options
from ingest.files.places import POINT_FIELDS
from ingest.files.problems import FileRefused, Problem
from ingest.files.table import Record, Table

_TOTAL = re.compile(r"(?:(?:本页|本月|全年|累)?[合小总共]计|总数|(?:sub-?|grand )?total)(?:[(:\d].*)?", re.IGNORECASE)
_REMARK = re.compile(
    r"(?:备?注|说明|制表|填表|填报|审核|审批|负责人|联系人|联系电话|单位盖章|打印时间|导出时间|数据来源)\w{0,6}:.*"
)
LISTED_ROWS = 20
SEARCHED_ROWS = 200


def without_remarks(table: Table, fields: FieldMapping) -> tuple[Table, list[dict[str, Any]]]:
    """Leave out totals, remarks below the list, and rows in which no field has a value; with the note of them."""
    kept: list[Record] = []
    left_out: list[Record] = []
    for record in table.records:
        (left_out if record.geometry is None and _is_none(record, fields) else kept).append(record)
    if not left_out or not kept:
        return table, []
    numbers = [record.row for record in left_out]
    bad = {record.row for record in left_out}
    note = {"code": "rows.totals", "rows": len(numbers), "numbers": numbers[:LISTED_ROWS]}
    problems = [problem for problem in table.problems if problem.row not in bad]
    return replace(table, records=kept, problems=problems), [note]


def _is_none(record: Record, fields: FieldMapping) -> bool:
    """Return whether a row without coordinates says that it is a total or a remark, or says nothing of any field."""
    if any(record.values.get(fields.columns.get(name, "")) is not None for name in POINT_FIELDS):
        return False
    if not any(record.values.get(column) is not None for column in fields.columns.values()):
        return True
    first = next(value for value in record.values.values() if value is not None)
    words = "".join(unicodedata.normalize("NFKC", str(first)).split())
    return bool(_TOTAL.fullmatch(words) or _REMARK.fullmatch(words))


def check_times(table: Table, fields: FieldMapping, unused: Sequence[str], options: Options) -> None:
    """Raise FileRefused if a column of times of day is not used while the days of incidents have none."""
    used = [fields.columns[name] for name in ("occurred_at", "occurred_date") if name in fields.columns]
    if not used or "occurred_time" in {*fields.columns, *options.constants}:
        return
    some = table.records[:SEARCHED_ROWS]
    if not any(part.is_day_only for column in used for part in _parts(some, column, fields)):
        return
    clocks = [column for column in unused if _are_clocks(list(_parts(some, column, fields)))]
    if clocks:
        raise FileRefused([Problem("time.column_unused", field="occurred_time", params={"columns": clocks})])


def _parts(records: Sequence[Record], column: str, fields: FieldMapping) -> list[Written]:
    parts = []
    for record in records:
        if (value := record.values.get(column)) is not None:
            try:
                parts.append(read_written(value, fields.dates, from_1904=fields.from_1904))
            except NotATime:
                parts.append(Written())
    return parts


def _are_clocks(parts: Sequence[Written]) -> bool:
    return bool(parts) and all(part.clock is not None and part.day is None for part in parts)


def reading_notes(fields: FieldMapping, *, counted_days: bool) -> list[Mapping[str, Any]]:
    """Tell of times that were joined of two columns, and of days that were counted."""
    notes: list[Mapping[str, Any]] = []
    for stem in ("occurred", "closed"):
        names = (f"{stem}_at", f"{stem}_date", f"{stem}_time")
        columns = [fields.columns[name] for name in names if name in fields.columns]
        if len(columns) > 1:
            notes.append({"code": "time.joined", "field": f"{stem}_at", "columns": columns})
    if counted_days:
        notes.append({"code": "time.counted", "year": 1904 if fields.from_1904 or fields.dates.from_1904 else 1900})
    return notes
