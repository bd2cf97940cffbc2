"""A roster as a file: a table for spreadsheets, or a calendar with an event for each shift. Leave stands among them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from api.http.language import Lang
from api.intake.roster_files import ATTENDANCE_WORDS, BETWEEN, KIND_WORDS, LEAVE
from console.rosters.queries import who_of
from console.rosters.rules import Who
from console.rosters.tables import Leave, Shift

CALENDAR = "text/calendar; charset=utf-8"
HEADS: Mapping[Lang, tuple[str, ...]] = {
    "zh": ("班次编号", "类别", "编号", "姓名", "在岗方式", "开始", "结束", "地点", "单位编码", "区划编码", "到岗分钟",
           "备注", "版本"),
    "en": ("ID", "Kind", "Code", "Name", "Attendance", "Start", "End", "Place", "Unit", "Division", "Minutes", "Note",
           "Version"),
}  # fmt: skip
WIDTHS = (38, 8, 16, 18, 12, 18, 18, 24, 18, 16, 10, 30, 8)
MASKED: Mapping[Lang, str] = {"zh": "（姓名不公开）", "en": "(name not shown)"}
TITLE: Mapping[Lang, str] = {"zh": "值班表", "en": "Roster"}

PURPOSE: Mapping[Lang, str] = {
    "zh": "仅供查看值班时间，每小时更新。凭此链接无需登录即可读取，请勿转发。",
    "en": "For reading shift times only, renewed hourly. Whoever has the link reads it without signing in: keep it.",
}
FEED_EVERY, FEED_EVERY_TEXT = timedelta(hours=1), "PT1H"


@dataclass(frozen=True, slots=True)
class RosterNames:
    """Code and name of those who serve, of those only whom the asker may read, and names of places by code."""

    whos: Mapping[Who, tuple[str, str]]
    places: Mapping[str, str]
    lang: Lang
    with_notes: bool = True

    def place(self, row: Shift | Leave) -> str:
        code = unit_of(row) or row.division_path.rpartition(".")[2]
        return self.places.get(code, code)


def unit_of(row: Shift | Leave) -> str | None:
    return row.unit if isinstance(row, Shift) else None


def table_of(rows: Sequence[Shift | Leave], names: RosterNames, zone: ZoneInfo) -> list[tuple[str, ...]]:
    """Return heads and a line for each shift and leave, with times of the county."""
    return [HEADS[names.lang], *(_line(row, names, zone) for row in rows)]


def _line(row: Shift | Leave, names: RosterNames, zone: ZoneInfo) -> tuple[str, ...]:
    who = who_of(row)
    known = names.whos.get(who)
    code, name = known or ("", MASKED[names.lang])
    return (
        str(row.id),
        KIND_WORDS[names.lang][who.kind.value],
        code,
        name,
        ATTENDANCE_WORDS[names.lang][row.attendance if isinstance(row, Shift) else LEAVE],
        local_text(row.starts_at, zone),
        local_text(row.ends_at, zone),
        names.place(row),
        unit_of(row) or "",
        row.division_path.rpartition(".")[2],
        "" if not isinstance(row, Shift) or row.answer_minutes is None else str(row.answer_minutes),
        row.note if known and isinstance(row, Shift) else "",
        str(row.version),
    )


def local_text(moment: datetime, zone: ZoneInfo) -> str:
    """Return a time as the county's clocks show it, with the offset in an hour that comes twice."""
    local = moment.astimezone(zone)
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    text = local.isoformat(sep=" ", timespec="minutes" if not (local.second or local.microsecond) else "auto")
    return text if is_twice else text.rpartition("+" if "+" in text else "-")[0]


def calendar_of(rows: Sequence[Shift | Leave], names: RosterNames, *, title: str, is_feed: bool = False) -> bytes:
    """Return a calendar with an event for each shift and leave, times in UTC. A cancelled one has a cancelled event.

    `is_feed`: of one that programs ask for again, it says how often, and what it is for.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//Maplebridge//Roster//{names.lang.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{TITLE[names.lang]}{BETWEEN}{title}")
    if is_feed:
        calendar.add("x-wr-caldesc", PURPOSE[names.lang])
        calendar.add("refresh-interval", FEED_EVERY, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", FEED_EVERY_TEXT)
    for row in rows:
        calendar.add_component(_event(row, names))
    return bytes(calendar.to_ical())


def _event(row: Shift | Leave, names: RosterNames) -> Event:
    who, event = who_of(row), Event()
    attendance = row.attendance if isinstance(row, Shift) else LEAVE
    way = ATTENDANCE_WORDS[names.lang][attendance]
    known = names.whos.get(who)
    said: dict[str, object] = {
        "uid": str(row.id),
        "sequence": row.version,
        "dtstamp": row.changed_at.astimezone(UTC),
        "last-modified": row.changed_at.astimezone(UTC),
        "dtstart": row.starts_at.astimezone(UTC),
        "dtend": row.ends_at.astimezone(UTC),
        "summary": f"{known[1] if known else MASKED[names.lang]}{BETWEEN}{way}",
        "location": names.place(row),
        "status": "CONFIRMED" if row.cancelled_at is None else "CANCELLED",
        "x-maplebridge-kind": row.who_kind,
        "x-maplebridge-attendance": attendance,
        "x-maplebridge-unit": unit_of(row),
        "x-maplebridge-division": row.division_path.rpartition(".")[2],
        "x-maplebridge-answer-minutes": row.answer_minutes if isinstance(row, Shift) else None,
        "x-maplebridge-version": row.version,
    }
    if known:
        note = row.note if names.with_notes and isinstance(row, Shift) else ""
        said |= {"description": note, "x-maplebridge-code": known[0], "x-maplebridge-name": known[1]}
    for name, value in said.items():
        if value not in (None, ""):
            event.add(name, str(value) if name.startswith("x-") else value)
    return event
