"""Rosters that somebody sends over HTTP: CSV, workbooks and calendars, read as shifts."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import get_args
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from api.intake.sent_files import FileUnusable, SentFile, read_sent
from console.rosters.clashes import FileRow
from console.rosters.rules import Span, WhoKind
from console.rosters.terms import Attendance
from geo.datum import Datum
from ingest.files.cells import Row
from ingest.files.mapping import FieldMapping, Options, map_fields
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.table import Record, Table

MOST_ROWS = 10_000
ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "shift": ("id", "uid", "shift_id", "班次编号"),
    "kind": ("who_kind", "对象类别"),
    "code": ("who_code", "工号", "人员编号"),
    "name": ("who", "值班人", "值班人员"),
    "attendance": ("attendance", "在岗方式", "值班方式", "驻岗方式"),
    "starts_at": ("starts_at", "start", "begin", "开始", "开始时间", "上班时间"),
    "starts_date": ("date", "日期", "值班日期"),
    "ends_at": ("ends_at", "end", "结束", "结束时间", "下班时间"),
    "unit": ("unit", "unit_code", "单位编码", "值班单位", "单位"),
    "division": ("区划编码", "区划"),
    "answer_minutes": ("answer_minutes", "minutes", "到岗分钟", "到岗时限"),
    "note": ("note", "notes", "备注", "description"),
    "status": ("status", "状态"),
    "version": ("version", "版本"),
    "summary": ("summary",),
    "rrule": ("rrule",),
})  # fmt: skip
"""Names of columns besides those that fields have in every file."""
KIND_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {"force": "力量", "person": "人员", "unit": "单位"},
    "en": {"force": "Unit in the field", "person": "Person", "unit": "Office"},
}
ATTENDANCE_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {"resident": "常驻", "rotating": "轮驻", "on_call": "随叫随驻", "leave": "请假"},
    "en": {"resident": "Resident", "rotating": "Rotating", "on_call": "On call", "leave": "Leave"},
}
"""What a file says for a code, by language. Leave stands in the same rows as shifts."""
LEAVE = "leave"


def _codes_by_word(words: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """Return codes by themselves and by their words, in lower case."""
    pairs = [(code, word) for of_language in words.values() for code, word in of_language.items()]
    return MappingProxyType({said.casefold(): code for code, word in pairs for said in (code, word)})


KINDS, ATTENDANCES = _codes_by_word(KIND_WORDS), _codes_by_word(ATTENDANCE_WORDS)
STATES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("confirmed", "tentative", "正常", "有效"), "confirmed"),
        **dict.fromkeys(("cancelled", "canceled", "取消", "已取消"), "cancelled"),
    }
)
BETWEEN = " · "
"""Between the name and the attendance in the title of a calendar's event."""


class RosterFileUnusable(FileUnusable):
    """The file is no roster that can be stored; nothing of it was."""

    code = "roster.file"


def read_roster(
    file: SentFile, zone: ZoneInfo, *, attendance: Attendance | None
) -> tuple[list[FileRow], list[Problem]]:
    """Read the shifts and leave of a file and what is wrong with its rows; times without a zone are the county's.

    `attendance` is that of rows that name none. Raises `RosterFileUnusable` for a file that cannot be read as rows.
    """
    try:
        table = read_sent(file)
        if len(table.records) > MOST_ROWS:
            raise refuse("table.too_many_rows", limit=MOST_ROWS)
        fields = map_fields(table, [*ALIASES], Options(Datum.WGS84, aliases=ALIASES))
        _require_columns(table, fields)
    except FileRefused as refused:
        raise RosterFileUnusable.of(refused) from refused
    shifts, problems = [], []
    for record in table.records:
        row = Row(table, record, fields)
        shift = _shift_of(row, record, zone, attendance)
        problems += row.problems
        if shift is not None and not row.problems:
            shifts.append(shift)
    return shifts, problems


def _require_columns(table: Table, fields: FieldMapping) -> None:
    who = any(fields.has(name) for name in ("code", "name", "summary"))
    wanted = [("name", who), ("starts_at", fields.has("starts_at")), ("ends_at", fields.has("ends_at"))]
    missing = [name for name, is_there in wanted if not is_there]
    if missing:
        params = {"columns": list(table.columns)}
        raise FileRefused([Problem("column.missing", field=name, params=params) for name in missing])


def _shift_of(row: Row, record: Record, zone: ZoneInfo, attendance: str | None) -> FileRow | None:
    """Return the shift or the leave of a row; problems are added to the row."""
    code, name, titled = row.text("code", longest=80), row.text("name", longest=100), row.text("summary", longest=300)
    if not (code or name):
        name, _, word = titled.partition(BETWEEN)
        attendance = ATTENDANCES.get(word.strip().casefold()) or attendance
    if not (code or name):
        row.add_problem("field.missing", "name")
    if row.text("rrule", longest=1000):
        row.add_problem("roster.repeats", "rrule")
    begin = row.moment("starts_at", zone, required=True)
    end = None if begin is None else row.moment_after("ends_at", begin, zone)
    kind = row.one_of("kind", KINDS, default="")
    way = row.one_of("attendance", ATTENDANCES, default=attendance)
    state = row.one_of("status", STATES, default="confirmed")
    minutes = row.number("answer_minutes", least=0, most=1440, whole=True)
    version = row.number("version", least=0, most=1e9, whole=True)
    note = row.text("note")
    unit, division = row.text("unit", longest=80), row.text("division", longest=80)
    shift = _id_of(row.text("shift", longest=255))
    is_leave = way == LEAVE
    if is_leave:
        for field, value in (("unit", unit), ("answer_minutes", minutes), ("note", note)):
            if value not in ("", None):
                row.add_problem("roster.leave_field", field)
    if row.problems or begin is None or end is None:
        return None
    return FileRow(
        record.row,
        Span(begin, end),
        "rotating" if is_leave else _known_attendance(way) or "rotating",
        id=shift,
        kind=WhoKind(kind) if kind else None,
        code=code,
        name=name,
        unit=unit or None,
        division=division or None,
        answer_minutes=None if minutes is None else int(minutes),
        note=note,
        is_cancelled=state == "cancelled",
        is_leave=is_leave,
        version=None if version is None else int(version),
    )


def _known_attendance(word: str) -> Attendance | None:
    code = ATTENDANCES.get(word.strip().casefold())
    return next((known for known in get_args(Attendance) if known == code), None)


def _id_of(text: str) -> UUID | None:
    """Return the id of a shift that its file names: a UUID as it is, of any other name the one that follows from it."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return uuid5(NAMESPACE_URL, f"roster-uid:{text}")


def problems_in_order(problems: Sequence[Problem]) -> list[dict[str, object]]:
    """Return problems by row, in JSON form."""
    return [problem.as_json() for problem in sorted(problems, key=lambda problem: problem.row or 0)]
