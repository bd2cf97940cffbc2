"""Rosters as files over HTTP: out as tables and calendars, in again whole or not at all."""

import csv
from io import BytesIO, StringIO
from typing import Any
from uuid import uuid4

import httpx
import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from tests.api.http.test_rosters import MARCH, put, shift
from tests.worlds import ClientAs, World

HEAD = "日期,编号,在岗方式,开始时间,结束时间,备注"
WEST, EAST = "mediator_west", "mediator_east"


async def send(client: httpx.AsyncClient, content: str | bytes, name: str = "sent.csv", **query: Any) -> httpx.Response:
    return await client.post("/api/rosters/import", params=query, files={"file": (name, content)})


def sheet(*lines: str, head: str = HEAD) -> str:
    return "\n".join([head, *lines])


def counts(answer: httpx.Response) -> tuple[int, int, int, int]:
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return told["added"], told["changed"], told["cancelled"], told["unchanged"]


def faults(answer: httpx.Response) -> list[tuple[int, str, str]]:
    assert (answer.status_code, answer.json()["code"]) == (422, "roster.file"), answer.text
    return [(one["row"], one["field"], one["code"]) for one in answer.json()["params"]["problems"]]


async def shifts(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    listed = (await client.get("/api/rosters", params=MARCH)).json()["items"]
    return [(one["starts_at"][5:16], one["ends_at"][5:16]) for one in listed]


async def test_a_table_is_tried_imported_once_and_a_changed_hour_changes_the_one_shift(
    client_as: ClientAs, world: World
) -> None:
    planner = client_as("planner")
    night, day = f"2026-03-02,{WEST},轮驻,22:00,06:00,夜班", f"2026/3/3,{EAST},随叫随驻,8点,24:00,"
    assert counts(await send(planner, sheet(night, day), dry=True)) == (2, 0, 0, 0)
    assert await shifts(planner) == []
    assert counts(await send(planner, sheet(night, day).encode("gb18030"))) == (2, 0, 0, 0)
    assert await shifts(planner) == [("03-02T14:00", "03-02T22:00"), ("03-03T00:00", "03-03T16:00")]
    assert counts(await send(planner, sheet(night, day))) == (0, 0, 0, 2)
    assert counts(await send(planner, sheet(night.replace("06:00", "07:00"), day))) == (0, 1, 0, 1)
    assert await shifts(planner) == [("03-02T14:00", "03-02T23:00"), ("03-03T00:00", "03-03T16:00")]
    english = f"Name,Attendance,Start,End\nForce {WEST},on call,2026-03-05T08:00:00Z,2026-03-05 20:00"
    assert counts(await send(planner, english)) == (1, 0, 0, 0)
    assert (await shifts(planner))[-1] == ("03-05T08:00", "03-05T12:00")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ics"])
async def test_what_is_exported_comes_in_again_unchanged_and_an_edit_moves_the_one_shift(
    kind: str, client_as: ClientAs, world: World
) -> None:
    planner, amy = client_as("planner"), world.forces[WEST]
    gone = uuid4()
    note = "=吴江区平望镇莺湖路一百二十八号综治中心三楼值班室（从南门进，电梯到三楼左转第二间，钥匙在门卫处，需登记）"
    await put(planner, shift(amy, "02T22:00", "03T06:00", note=note, attendance="on_call", answer_minutes=20))
    await put(planner, shift(world.forces[EAST], "04T08:00", "04T12:00"))
    await put(planner, shift(amy, "05T08:00", "05T12:00"), gone)
    await planner.delete(f"/api/rosters/shifts/{gone}")
    asked = MARCH | {"format": kind, "lang": "en" if kind == "xlsx" else "zh"}
    sent = await planner.get("/api/rosters/export", params=asked)
    assert f'filename="maplebridge-roster-2026-03-02-2026-03-08.{kind}"' in sent.headers["Content-Disposition"]
    assert counts(await send(planner, sent.content, f"a.{kind}")) == (0, 0, 0, 3 if kind == "ics" else 2)
    if kind == "ics":
        assert sent.headers["Content-Type"].startswith("text/calendar")
        lines = sent.content.split(b"\r\n")
        assert max(map(len, lines)) <= 75 and "".join(line.decode() for line in lines)
        first, _, last = Calendar.from_ical(sent.content).events
        assert (first["SUMMARY"], first["DESCRIPTION"]) == (f"Force {WEST} · 随叫随驻", note)
        assert (str(last["UID"]), last["SEQUENCE"], last["STATUS"]) == (str(gone), 2, "CANCELLED")
        edited = sent.content.replace(b"20260302T220000Z", b"20260302T230000Z")
    elif kind == "xlsx":
        book = load_workbook(BytesIO(sent.content))
        assert [cell.value for cell in book.active[1]][:3] == ["ID", "Kind", "Code"]
        book.active["G2"] = "2026-03-03 07:00"
        book.save(out := BytesIO())
        edited = out.getvalue()
    else:
        assert sent.content.startswith("\ufeff班次编号".encode())
        row = [*csv.reader(StringIO(sent.content.decode("utf-8-sig")))][1]
        assert row[5:7] == ["2026-03-02 22:00", "2026-03-03 06:00"] and row[11] == f"'{note}"
        edited = sent.content.replace(b"2026-03-03 06:00", b"2026-03-03 07:00")
    assert counts(await send(planner, edited, f"a.{kind}")) == (0, 1, 0, 2 if kind == "ics" else 1)
    assert await shifts(planner) == [("03-02T14:00", "03-02T23:00"), ("03-04T00:00", "03-04T04:00")]
    if kind != "ics":
        return
    stale = [fault[2] for fault in faults(await send(planner, sent.content, f"a.{kind}"))]
    assert stale == ["roster.stale"], "an export from before the change would undo it"


async def test_each_fault_names_its_row_and_nothing_of_the_file_is_kept(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    await put(planner, shift(world.forces[WEST], "06T08:00", "06T12:00"))
    leave = {"who": {"kind": "force", "id": world.forces[EAST]}, "starts_at": "2026-03-06T00:00:00+08:00",
             "ends_at": "2026-03-07T00:00:00+08:00"}  # fmt: skip
    assert (await planner.put(f"/api/rosters/leaves/{uuid4()}", json=leave)).status_code == 201
    told = await send(
        planner,
        sheet(
            f"2026-03-02,{EAST},轮驻,08:00,12:00,good",
            "2026-03-02,nobody,轮驻,08:00,12:00,",
            f"2026-03-02,{WEST},有时,08:00,12:00,",
            f",{WEST},轮驻,08:00,12:00,",
            f",{WEST},轮驻,2026-03-02 08:00,2026-03-02 07:00,",
            f",{WEST},轮驻,2026-03-02 08:00,2026-05-02 08:00,",
        ),
    )
    assert faults(told) == [
        (3, "code", "roster.who"),
        (4, "attendance", "attendance.unknown"),
        (5, "starts_at", "time.no_day"),
        (6, "ends_at", "roster.times"),
        (7, "ends_at", "roster.times"),
    ]
    told = await send(
        planner,
        sheet(
            f"2026-03-02,{WEST},轮驻,22:00,06:00,",
            f"2026-03-03,{WEST},轮驻,00:00,06:00,",
            f"2026-03-06,{EAST},轮驻,08:00,12:00,",
            f"2026-03-06,{WEST},轮驻,11:00,13:00,",
        ),
        dry=True,
    )
    assert [(one["row"], one["code"]) for one in told.json()["problems"]] == [
        (3, "roster.midnight_twice"),
        (4, "roster.on_leave"),
        (5, "roster.overlap"),
    ]
    assert told.json()["problems"][0]["params"] == {"other": 2}
    told = await send(
        planner,
        f"编号,在岗方式,开始,结束,到岗分钟,单位\n{WEST},常驻,2026-03-02 08:00,09:00,5,\n"
        f"{EAST},常驻,2026-03-02 08:00,09:00,,nowhere\n",
    )
    assert faults(told) == [(2, "answer_minutes", "roster.answer_minutes"), (3, "unit", "roster.place")]
    assert await shifts(planner) == [("03-06T00:00", "03-06T04:00")]
    refused = (await send(planner, "a,b\n1,2", dry=True)).json()
    assert (refused["code"], refused["params"]["reason"]) == ("roster.file", "column.missing")


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Elsewhere//EN
BEGIN:VEVENT
UID:42@elsewhere
DTSTAMP:20260301T000000Z
DTSTART;TZID=America/New_York:20260302T080000
DURATION:PT4H
SUMMARY:Force mediator_west
END:VEVENT
BEGIN:VEVENT
UID:43@elsewhere
DTSTAMP:20260301T000000Z
DTSTART;VALUE=DATE:20260304
SUMMARY:Force mediator_east · 常驻
%sEND:VEVENT
END:VCALENDAR
"""


async def test_a_calendar_of_another_program_is_read_by_its_zones_and_days(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    told = faults(await send(planner, CALENDAR % "RRULE:FREQ=WEEKLY\n", "a.ics"))
    assert told == [(1, "attendance", "field.missing"), (2, "rrule", "roster.repeats")]
    assert counts(await send(planner, CALENDAR % "", "a.ics", attendance="rotating")) == (2, 0, 0, 0)
    assert await shifts(planner) == [("03-02T13:00", "03-02T17:00"), ("03-03T16:00", "03-04T16:00")]
    later = (CALENDAR % "STATUS:CANCELLED\n").replace("PT4H", "PT5H")
    assert counts(await send(planner, later, "a.ics", attendance="rotating")) == (0, 1, 1, 0)
    assert await shifts(planner) == [("03-02T13:00", "03-02T18:00")]


async def test_files_are_by_right_and_names_are_masked_as_on_the_roster(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    await put(planner, shift(world.forces[WEST], "02T09:00", "02T17:00", note="mobile"))
    for kind in ("csv", "ics"):
        seen = (await client_as("clerk").get("/api/rosters/export", params=MARCH | {"format": kind})).text
        assert "mobile" not in seen and WEST not in seen and "姓名不公开" in seen
    assert (await client_as("wall").get("/api/rosters/export", params=MARCH)).status_code == 403
    assert (await send(client_as("operator"), sheet())).status_code == 403
    sent = sheet(f"2026-03-03,{EAST},轮驻,08:00,12:00,")
    west = await client_as("operator_west").get("/api/rosters/export", params=MARCH | {"division": "320509101"})
    assert west.status_code == 404
    assert counts(await send(planner, sent)) == (1, 0, 0, 0)
    long = await planner.get("/api/rosters/export", params={"from": "2026-03-02", "to": "2026-06-02"})
    assert (long.status_code, long.json()["code"]) == (422, "roster.period")


def leave_of(who: int, begin: str, end: str) -> dict[str, Any]:
    times = {"starts_at": f"2026-03-{begin}:00+08:00", "ends_at": f"2026-03-{end}:00+08:00"}
    return {"who": {"kind": "force", "id": who}, **times}


async def leaves(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    listed = (await client.get("/api/rosters", params=MARCH)).json()["leaves"]
    return [(one["starts_at"][5:16], one["ends_at"][5:16]) for one in listed]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ics"])
async def test_leave_goes_out_and_comes_in_with_the_shifts(kind: str, client_as: ClientAs, world: World) -> None:
    planner, amy = client_as("planner"), world.forces[WEST]
    gone = uuid4()
    await put(planner, shift(amy, "04T08:00", "04T12:00"))
    for leave_id, begin, end in ((uuid4(), "03T00:00", "05T00:00"), (gone, "06T00:00", "07T00:00")):
        made = await planner.put(f"/api/rosters/leaves/{leave_id}", json=leave_of(amy, begin, end))
        assert made.status_code == 201, "a shift in leave stays on the roster"
    await planner.delete(f"/api/rosters/leaves/{gone}")
    sent = (await planner.get("/api/rosters/export", params=MARCH | {"format": kind})).content
    assert counts(await send(planner, sent, f"a.{kind}")) == (0, 0, 0, 3 if kind == "ics" else 2)
    if kind == "ics":
        first, _, last = Calendar.from_ical(sent).events
        assert (first["SUMMARY"], last["STATUS"]) == (f"Force {WEST} · 请假", "CANCELLED")
        edited = sent.replace(b"DTEND:20260304T160000Z", b"DTEND:20260305T160000Z")
    elif kind == "xlsx":
        book = load_workbook(BytesIO(sent))
        assert [book.active[at].value for at in ("E2", "F2", "G2")] == ["请假", "2026-03-03 00:00", "2026-03-05 00:00"]
        book.active["G2"] = "2026-03-06 00:00"
        book.save(out := BytesIO())
        edited = out.getvalue()
    else:
        edited = sent.replace(b"2026-03-05 00:00", b"2026-03-06 00:00")
    assert counts(await send(planner, edited, f"a.{kind}")) == (0, 1, 0, 2 if kind == "ics" else 1)
    assert await leaves(planner) == [("03-02T16:00", "03-05T16:00")]
    if kind != "ics":
        assert [fault[2] for fault in faults(await send(planner, sent, f"a.{kind}"))] == ["roster.stale"]


async def test_leave_of_other_files_is_added_once_ended_and_kept_whole_or_not_at_all(
    client_as: ClientAs, world: World
) -> None:
    planner = client_as("planner")
    head = "编号,在岗方式,开始,结束,状态"
    day, night = f"{WEST},请假,2026-03-03,2026-03-05,", f"{EAST},轮驻,2026-03-03 22:00,06:00,"
    assert counts(await send(planner, sheet(day, night, head=head), dry=True)) == (2, 0, 0, 0)
    assert (await shifts(planner), await leaves(planner)) == ([], [])
    assert counts(await send(planner, sheet(day, night, head=head))) == (2, 0, 0, 0)
    assert counts(await send(planner, sheet(day, night, head=head))) == (0, 0, 0, 2)
    assert len(await shifts(planner)) == 1 and await leaves(planner) == [("03-02T16:00", "03-04T16:00")]
    moved = f"{EAST},请假,2026-03-06,2026-03-07,"
    broken = f"{WEST},on leave,2026-03-04,2026-03-06,"
    assert faults(await send(planner, sheet(moved, broken, head=head)))[0][:2] == (3, "attendance")
    assert len(await leaves(planner)) == 1
    ended = sheet(f"{day}已取消", f"{WEST},轮驻,2026-03-04 08:00,12:00,", head=head)
    assert counts(await send(planner, ended)) == (1, 0, 1, 0), "a shift may take the hours of leave that ends"
    assert await leaves(planner) == []


async def test_each_fault_of_leave_names_its_row_and_field(client_as: ClientAs, world: World) -> None:
    planner, amy = client_as("planner"), world.forces[WEST]
    shift_id, leave_id = uuid4(), uuid4()
    await put(planner, shift(amy, "02T08:00", "02T12:00"), shift_id)
    await planner.put(f"/api/rosters/leaves/{leave_id}", json=leave_of(amy, "06T00:00", "07T00:00"))
    head = "班次编号,编号,在岗方式,开始,结束,备注"
    told = await send(
        planner,
        sheet(
            f",{WEST},请假,2026-03-06 12:00,2026-03-08,",
            f",{EAST},请假,2026-03-03,2026-03-05,",
            f",{EAST},请假,2026-03-04,2026-03-06,",
            f",{EAST},轮驻,2026-03-03 08:00,12:00,",
            f",{EAST},请假,2026-03-08,2028-03-08,",
            f"{shift_id},{WEST},请假,2026-03-02 08:00,12:00,",
            f"{leave_id},{WEST},轮驻,2026-03-06 08:00,12:00,",
            head=head,
        ),
    )
    assert faults(told) == [
        (2, "starts_at", "roster.leave_overlap"),
        (4, "starts_at", "roster.rows_overlap"),
        (5, "starts_at", "roster.on_leave"),
        (6, "ends_at", "roster.times"),
        (7, "attendance", "roster.leave_or_shift"),
        (8, "attendance", "roster.leave_or_shift"),
    ]
    told = await send(planner, sheet(f",{EAST},请假,2026-03-03,2026-03-05,病假", head=head))
    assert faults(told) == [(2, "note", "roster.leave_field")], "no cause is kept"
    assert len(await leaves(planner)) == 1
