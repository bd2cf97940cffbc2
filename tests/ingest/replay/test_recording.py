"""Recordings as request bodies, and the times at which they are sent."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from geo.datum import Datum
from ingest.files.mapping import Options
from ingest.replay.recording import Record, Times, fixes_of, paced, reports_of, sorted_by_time, with_time
from tests.ingest.files.making import rows_of, written

START = datetime(2026, 3, 1, 8, tzinfo=UTC)
OPTIONS = Options(datum=Datum.GCJ02, zone=ZoneInfo("America/Los_Angeles"))


def records(*seconds: float) -> list[Record]:
    return [Record(START + timedelta(seconds=s), {"n": s}) for s in seconds]


def test_groups_are_due_at_the_recorded_pace_times_the_speed() -> None:
    found = list(paced(sorted_by_time(records(100, 0, 9, 10, 19)), speed=10, every_s=1))
    assert [(due, [r.body["n"] for r in group]) for due, group in found] == [
        (0, [0, 9]),
        (1, [10, 19]),
        (10, [100]),
    ]


def test_at_a_very_high_speed_everything_is_one_group() -> None:
    ((due, group),) = paced(records(0, 1e5, 1e6), speed=1e9, every_s=1)
    assert (due, len(group)) == (0, 3)


def test_a_record_gets_its_recorded_time_or_the_current_time() -> None:
    (one,) = records(0)
    now = START + timedelta(days=9)
    assert with_time(one, "at", times=Times.KEEP, now=now)["at"] == START.isoformat()
    assert with_time(one, "at", times=Times.NOW, now=now) == {"n": 0, "at": now.isoformat()}


def test_a_report_keeps_its_datum_and_local_times_are_converted(tmp_path: Path) -> None:
    content = "source,category,title,lon,lat,occurred_at\ns,Blaze,smoke,120.6,31.1,2020-04-07 23:53:08\n"
    table = rows_of(written(tmp_path, "a.csv", content))
    (row,) = reports_of(table, OPTIONS, categories={"blaze": "fire.outside"}, risks={}).rows
    assert row.at == datetime(2020, 4, 8, 6, 53, 8, tzinfo=UTC)
    assert row.body == {
        "source": "s",
        "category": "fire.outside",
        "title": "smoke",
        "description": "",
        "lon": 120.6,
        "lat": 31.1,
        "datum": "gcj02",
    }


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("f,d,2020-04-07T00:00Z,120,31", "number.broken"),
        (",,2020-04-07T00:00Z,120,31", "field.missing"),
        ("7,d,2020-04-07T00:00Z,120,31", "field.missing"),
        ("7,,soon,120,31", "time.broken"),
        ("7,,9999-12-31 23:30:00,120,31", "time.broken"),
        ("7,,2025-11-02 01:30:00,120,31", "time.not_once"),
        ("7,,2020-04-07T00:00Z,120,91", "number.out_of_range"),
    ],
)
def test_a_bad_position_is_left_out_and_reported(tmp_path: Path, line: str, code: str) -> None:
    table = rows_of(written(tmp_path, "a.csv", f"force,device,at,lon,lat\n{line}\n8,,2020-04-07T00:00Z,120,31\n"))
    checked = fixes_of(table, OPTIONS)
    assert code in {problem.code for problem in checked.problems}
    assert [row.body["force"] for row in checked.rows] == [8]
