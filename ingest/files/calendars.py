"""Read the events of an iCalendar file: one row for each, one column for each property."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar, Component, vBroken

from ingest.files.choices import Choices
from ingest.files.encodings import decide
from ingest.files.problems import refuse
from ingest.files.rows import RowWriter
from ingest.files.table import Record, TableHeader

FOLD = re.compile(rb"\r?\n[ \t]")
"""Taken out of the bytes: some programs fold in the middle of a character."""
OURS = "x_maplebridge_"
TIMES = {"dtstart": "starts_at", "dtend": "ends_at"}
ONE_DAY = timedelta(days=1)


def read_calendar(path: Path, rows: RowWriter, choices: Choices) -> TableHeader:
    """Read the events of a calendar. `Record.row` counts them from 1.

    Columns are properties in lower case, `starts_at` and `ends_at` among them; a day's event ends where the next day
    begins. Times keep their zone; one in an unknown zone has the zone's name behind it, and is read by nobody.
    """
    content = FOLD.sub(b"", path.read_bytes())
    encoding = decide(lambda: [content], given=choices.encoding)
    try:
        calendars = Calendar.from_ical(content.decode(encoding.name), multiple=True)
    except ValueError as error:
        raise refuse("calendar.broken") from error
    events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    columns: dict[str, None] = {}
    for number, event in enumerate(events, 1):
        values = dict(_values(event))
        if "ends_at" not in values and (end := _end(event)) is not None:
            values["ends_at"] = end
        columns.update(dict.fromkeys(values))
        rows.add(Record(number, values))
    return TableHeader(columns=list(columns), notes=encoding.notes)


def _values(event: Component) -> Iterator[tuple[str, str]]:
    for name, value in event.items():
        column = name.lower().replace("-", "_").removeprefix(OURS)
        yield TIMES.get(column, column), _text(value[0] if isinstance(value, list) else value)


def _text(value: Any) -> str:
    moment = _moment(value)
    if isinstance(moment, date):
        zone = value.params.get("TZID", "")
        is_lost = isinstance(moment, datetime) and moment.tzinfo is None and zone
        return f"{moment.isoformat()} {zone}" if is_lost else moment.isoformat()
    if isinstance(value, str):
        return str(value)
    return str(value.to_ical().decode())


def _moment(value: Any) -> Any:
    """Return the day, time or duration of a property; None of another one, and of one that could not be read."""
    return None if isinstance(value, vBroken) else getattr(value, "dt", None)


def _end(event: Component) -> str | None:
    """Return the end of an event that names none: by its duration, or that of its day."""
    begin, lasts = (_moment(event.get(name)) for name in ("DTSTART", "DURATION"))
    if not isinstance(begin, date):
        return None
    if isinstance(lasts, timedelta):
        return (begin + lasts).isoformat()
    return None if isinstance(begin, datetime) else (begin + ONE_DAY).isoformat()
