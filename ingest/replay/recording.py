"""Turn a recorded table into request bodies and the times at which to send them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from ingest.files.cells import Row
from ingest.files.checked_rows import Checked
from ingest.files.checking import EARLIEST, read_rows
from ingest.files.mapping import Options
from ingest.files.table import Table

Body = dict[str, Any]
REPORT_FIELDS = ("source", "external_no", "category", "title", "description", "lon", "lat", "occurred_at", "risk")
FIX_FIELDS = ("force", "device", "at", "lon", "lat", "speed", "heading")


class Times(StrEnum):
    """Time that a replayed record gets: the moment of sending, or the recorded time."""

    NOW = "now"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Record:
    """A recorded incident or position: its time (UTC) and its request body without the time."""

    at: datetime
    body: Body


def reports_of(
    table: Table, options: Options, *, categories: Mapping[str, str], risks: Mapping[str, str]
) -> Checked[Record]:
    """Read recorded incidents. The mappings turn codes and names, in lower case, into codes."""

    def read(row: Row) -> Record:
        category = row.one_of("category", categories)
        body = {
            "source": row.text("source", required=True, longest=64),
            "external_no": row.text("external_no", longest=128) or None,
            "category": category,
            "title": row.text("title") or category,
            "description": row.text("description", longest=4000),
            "risk": row.one_of("risk", risks, default="") or None,
            **coordinates_of(row, options),
        }
        at = row.moment("occurred_at", options.zone, required=True) or EARLIEST
        return Record(at=at, body={name: value for name, value in body.items() if value is not None})

    return read_rows(table, REPORT_FIELDS, options, read)


def fixes_of(table: Table, options: Options) -> Checked[Record]:
    """Read recorded positions, each of a `force` by id or of a `device`. Speed in metres a second."""

    def read(row: Row) -> Record:
        force, device = row.whole("force"), row.text("device", longest=128)
        if (force is None) == (not device):
            row.add_problem("field.missing", "device")
        body = {
            "force": force,
            "device": device or None,
            "speed_mps": row.number("speed", least=0, most=200),
            "heading": row.number("heading", least=0, most=360),
            **coordinates_of(row, options),
        }
        at = row.moment("at", options.zone, required=True) or EARLIEST
        return Record(at=at, body={name: value for name, value in body.items() if value is not None})

    return read_rows(table, FIX_FIELDS, options, read)


def coordinates_of(row: Row, options: Options) -> Body:
    """Return the recorded coordinates with their datum; the server converts them."""
    lon = row.number("lon", least=-180, most=180, required=True)
    lat = row.number("lat", least=-90, most=90, required=True)
    return {"lon": lon, "lat": lat, "datum": options.datum.value}


def sorted_by_time(records: Sequence[Record]) -> list[Record]:
    return sorted(records, key=lambda record: record.at)


def paced(records: Sequence[Record], *, speed: float, every_s: float) -> Iterator[tuple[float, list[Record]]]:
    """Group sorted records by intervals of `every_s`; yield the seconds after the start at which each group is due.

    At high speed one interval has thousands of records.
    """
    group: list[Record] = []
    due = 0.0
    for record in records:
        slot = (record.at - records[0].at) / timedelta(seconds=1) / speed // every_s * every_s
        if group and slot > due:
            yield due, group
            group = []
        due = slot
        group.append(record)
    if group:
        yield due, group


def with_time(record: Record, name: str, *, times: Times, now: datetime) -> Body:
    """Return the record's body with its time under `name`."""
    at = record.at if times is Times.KEEP else now
    return {**record.body, name: at.astimezone(UTC).isoformat()}
