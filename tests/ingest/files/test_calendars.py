"""Events of calendars as rows: times with their zones, ends that no event names, folded lines."""

from pathlib import Path

import pytest

from ingest.files.choices import Choices
from ingest.files.limits import LIMITS
from ingest.files.problems import FileRefused
from ingest.files.readers import read
from ingest.files.rows import read_records


def events(folder: Path, *lines: str | bytes) -> list[dict[str, str]]:
    path, target, scratch = folder / "a.ics", folder / "rows", folder / "scratch"
    scratch.mkdir()
    encoded = [line if isinstance(line, bytes) else line.encode() for line in lines]
    path.write_bytes(b"\r\n".join([b"BEGIN:VCALENDAR", *encoded, b"END:VCALENDAR", b""]))
    read(path, target, choices=Choices(), scratch=scratch, limits=LIMITS)
    return [dict(record.values) for record in read_records(target)]


def event(*lines: str | bytes) -> tuple[str | bytes, ...]:
    return ("BEGIN:VEVENT", *lines, "END:VEVENT")


ZONE = (
    "BEGIN:VTIMEZONE", "TZID:Ours", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        (("DTSTART:20260302T000000Z", "DTEND:20260302T080000Z"), "2026-03-02T00:00:00+00:00 2026-03-02T08:00:00+00:00"),
        (("DTSTART:20260302T080000", "DURATION:PT90M"), "2026-03-02T08:00:00 2026-03-02T09:30:00"),
        (("DTSTART;VALUE=DATE:20261001",), "2026-10-01 2026-10-02"),
        (("DTSTART;VALUE=DATE:20261001", "DTEND;VALUE=DATE:20261003"), "2026-10-01 2026-10-03"),
        (("DTSTART;TZID=Ours:20260302T080000", "DURATION:PT1H"), "2026-03-02T08:00:00+08:00 2026-03-02T09:00:00+08:00"),
        (("DTSTART;TZID=China Standard Time:20260302T080000", "DURATION:PT1H"),
         "2026-03-02T08:00:00+08:00 2026-03-02T09:00:00+08:00"),
        (("DTSTART;TZID=No/Where:20260302T080000",), "2026-03-02T08:00:00 No/Where None"),
        (("DTSTART:20260302T080000",), "2026-03-02T08:00:00 None"),
        (("DTSTART:tomorrow",), "tomorrow None"),
    ],
)  # fmt: skip
def test_an_event_has_the_times_that_it_states_or_that_follow(
    lines: tuple[str, ...], times: str, tmp_path: Path
) -> None:
    (found,) = events(tmp_path, *ZONE, *event("UID:1", *lines))
    assert f"{found.get('starts_at')} {found.get('ends_at')}" == times


def test_words_are_unfolded_and_our_own_properties_lose_their_prefix(tmp_path: Path) -> None:
    said = "SUMMARY:吴江区平望镇莺湖路一百二十八号".encode()
    folded = said[:40] + b"\r\n " + said[40:]  # In the middle of a character.
    first, second = events(
        tmp_path, *event(folded, "X-MAPLEBRIDGE-ANSWER-MINUTES:5"), *event("UID:2", "RRULE:FREQ=DAILY")
    )
    assert first == {"summary": "吴江区平望镇莺湖路一百二十八号", "answer_minutes": "5"}
    assert second == {"uid": "2", "rrule": "FREQ=DAILY"}


@pytest.mark.parametrize("lines", [("no property",), ("BEGIN:VEVENT",), ()])
def test_what_is_no_calendar_is_refused(lines: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        events(tmp_path, *lines)
    assert refused.value.problems[0].code in ("calendar.broken", "table.empty")
