"""Clocks in the store: pauses, lanes, extensions, merges, notices once, and a calendar that changes."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.clocks import CaseClocks
from console.clocks.actions import (
    EndedClock,
    NewClock,
    adopt_term,
    change_clock,
    extend_clock,
    import_ended_clocks,
    move_clocks,
    pause_clocks,
    resume_clocks,
    start_clocks,
    stop_clocks,
)
from console.clocks.calendar import read_calendar
from console.clocks.deadlines import NoCases, clock_moments
from console.clocks.queries import clocks_of
from console.clocks.recompute import count_again
from console.clocks.rules import ClockEnded, NotExtendable, NotPausable, StatutoryClock
from console.clocks.tables import CalendarYear, Clock, ClockMark, ClockPause
from console.clocks.terms import ClockTerm, ClockTerms
from console.clocks.walking import OfficeHours, WorkedTimes
from console.deadlines.actions import sweep
from console.deadlines.tables import Deadline
from console.incidents.tables import Incident, TimelineEntry
from console.notices.rules import Delivery
from console.notices.tables import Notice
from geo.store import Reach, Store
from tests.console.clocks.clockwork import LAW, OFFICE, TIMES, ZONE, limit, local, told
from tests.console.clocks.test_calendar import NEXT
from tests.worlds import EAST, ROOT, WEST

DELIVERY = Delivery(OfficeHours(TIMES, OFFICE))
KINDS = [clock_moments(DELIVERY, NoCases())]
DAYS = limit(5, "working_day", pausable=True, warn=[{"amount": 1, "unit": "working_day"}])
FAST = limit(3, "working_day", code="fast", pausable=True)
HOURS = limit(7, "working_hour", pausable=True, warn=[{"amount": 1, "unit": "working_hour"}])


async def incidents(session: AsyncSession, count: int = 1, *, at: str = "2026-09-01 10:00") -> list[int]:
    """Add incidents that wait for a place."""
    rows = [
        {
            "case_code": f"C{i}", "source": "hotline", "category": "dispute.family", "risk": "low", "level": "village",
            "title": "Noise", "status": "registered", "address": "Somewhere", "division_path": WEST,
            "occurred_at": local(at), "registered_at": local(at), "first_due_at": local(at), "version": 1,
        }
        for i in range(count)
    ]  # fmt: skip
    return [*await session.scalars(insert(Incident).returning(Incident.id, sort_by_parameter_order=True), rows)]


async def start(
    session: AsyncSession, incident: int, term: ClockTerm = DAYS, *, at: str = "2026-09-01 10:00", now: str = ""
) -> Clock:
    new = NewClock(incident, WEST, term, "v1", local(at), OFFICE)
    [started] = await start_clocks(session, TIMES, [new], now=local(now or at))
    return await session.get_one(Clock, started)


async def swept(session: AsyncSession, *times: str) -> int:
    """Sweep at these moments; return how many notices there are then."""
    for at in times:
        while await sweep(session, KINDS, now=local(at)):
            pass
    return await session.scalar(select(func.count()).select_from(Notice)) or 0


async def noticed(session: AsyncSession) -> list[str]:
    return [*await session.scalars(select(Notice.kind).order_by(Notice.id))]


async def entries(session: AsyncSession) -> list[str]:
    return [*await session.scalars(select(TimelineEntry.kind).order_by(TimelineEntry.id))]


async def test_a_clock_warns_once_and_is_overdue_once(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    clock = await start(session, incident)
    assert (told(clock.warn_at), told(clock.due_at)) == ("2026-09-07 09:00", "2026-09-08 17:00")
    counts = [await swept(session, at) for at in ("2026-09-07 08:59", "2026-09-07 09:00", "2026-09-07 09:10")]
    assert [*counts, await swept(session, "2026-09-08 17:00", "2026-09-08 17:10", "2026-10-20 10:00")] == [0, 1, 1, 2]
    assert await noticed(session) == ["clock.warn", "clock.due"]
    assert await entries(session) == ["clock.warned", "clock.overdue"]
    stored = await session.get_one(Deadline, ("clock", clock.id, "clock.moment"), populate_existing=True)
    assert stored.fired_at is not None


async def test_after_an_outage_one_notice_names_the_highest_moment(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    late = [{"amount": 2, "unit": "working_day"}]
    clock = await start(session, incident, DAYS.model_copy(update={"late": ClockTerm.model_validate(
        {**DAYS.model_dump(), "late": late}).late}))  # fmt: skip
    assert await swept(session, "2026-09-30 10:00") == 1
    assert await noticed(session) == ["clock.late"]
    marks = await session.execute(select(ClockMark.moment, ClockMark.noticed).where(ClockMark.clock_id == clock.id))
    assert {(moment, is_noticed) for moment, is_noticed in marks} == {
        ("warn.1", False),
        ("due", False),
        ("late.1", True),
    }


async def test_a_sweep_goes_on_while_clocks_have_moments_to_come(session: AsyncSession) -> None:
    """Else only one batch would be swept a second, and a thousand warnings of one morning take minutes."""
    for incident in await incidents(session, 3):
        await start(session, incident)
    took = [await sweep(session, KINDS, now=local("2026-09-07 09:00"), limit=2) for _ in range(3)]
    assert took == [2, 1, 0]


async def test_a_pause_over_a_weekend_gives_back_the_time_worked_in_it(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    clock = await start(session, incident, HOURS, at="2026-09-11 15:00")
    await pause_clocks(session, incident, WEST, reason="party_away", now=local("2026-09-11 16:00"))
    assert await swept(session, "2026-09-14 09:59", "2026-09-20 10:00") == 0
    await resume_clocks(session, TIMES, incident, now=local("2026-09-14 10:00"))
    assert (told(clock.due_at), told(clock.warn_at)) == ("2026-09-14 17:00", "2026-09-14 16:00")
    assert await swept(session, "2026-09-14 15:59") == 0
    assert await swept(session, "2026-09-14 16:00", "2026-09-14 17:00") == 2


async def test_pausing_for_another_reason_neither_restarts_nor_doubles(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    clock = await start(session, incident, HOURS, at="2026-09-11 15:00")
    await pause_clocks(session, incident, WEST, reason="party_away", now=local("2026-09-11 16:00"))
    await pause_clocks(session, incident, WEST, reason="expert", now=local("2026-09-14 09:30"))
    assert clock.paused_at == local("2026-09-11 16:00")
    await resume_clocks(session, TIMES, incident, now=local("2026-09-14 10:00"))
    assert told(clock.due_at) == "2026-09-14 17:00"
    spans = await session.execute(select(ClockPause.reason, ClockPause.resumed_at).order_by(ClockPause.paused_at))
    assert [(reason, told(until)) for reason, until in spans] == [
        ("party_away", "2026-09-14 09:30"),
        ("expert", "2026-09-14 10:00"),
    ]


async def test_another_lane_from_the_door_keeps_the_earlier_pause_and_gives_no_notice(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    clock = await start(session, incident)
    await pause_clocks(session, incident, WEST, reason="expert", now=local("2026-09-03 00:00"))
    await resume_clocks(session, TIMES, incident, now=local("2026-09-08 00:00"))
    now = local("2026-09-08 09:00")
    new = await change_clock(
        session, TIMES, clock.id, NewClock(incident, WEST, FAST, "v1", local("2026-09-01 10:00"), OFFICE), now=now
    )
    assert new.due_day.isoformat() == "2026-09-09"
    assert (clock.outcome, await swept(session, "2026-09-08 09:00")) == ("changed", 0)
    with pytest.raises(ClockEnded):
        await change_clock(session, TIMES, clock.id, NewClock(incident, WEST, FAST, "v1", now), now=now)


async def test_a_clock_of_a_paused_case_starts_paused(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    await pause_clocks(session, incident, WEST, reason="expert", now=local("2026-09-03 10:00"))
    clock = await start(session, incident, FAST, now="2026-09-04 10:00")
    statutory = await start(session, incident, limit(5, "working_day"), now="2026-09-04 10:00")
    assert (clock.paused_at, statutory.paused_at) == (local("2026-09-03 10:00"), None)
    assert await swept(session, "2026-10-20 10:00") == 1


async def test_a_limit_that_allows_no_pause_refuses_one(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    await start(session, incident, limit(5, "working_day"))
    with pytest.raises(NotPausable):
        await pause_clocks(session, incident, WEST, reason="expert", now=local("2026-09-03 10:00"))


async def test_an_extension_is_a_new_generation_that_warns_again(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    term = ClockTerm.model_validate({**DAYS.model_dump(), "extension": {"most": 6, "times": 2}})
    clock = await start(session, incident, term)
    assert await swept(session, "2026-09-08 09:00") == 1
    now = local("2026-09-08 10:00")
    await extend_clock(session, TIMES, clock.id, by=3, now=now)
    assert (clock.due_day.isoformat(), clock.extended, clock.generation) == ("2026-09-11", 3, 1)
    assert await swept(session, "2026-09-08 17:00", "2026-09-10 08:59") == 1
    assert await swept(session, "2026-09-10 09:00", "2026-09-11 17:00", "2026-09-11 18:00") == 3
    with pytest.raises(NotExtendable) as refused:
        await extend_clock(session, TIMES, clock.id, by=4, now=now)
    assert refused.value.params["most"] == 3
    await extend_clock(session, TIMES, clock.id, by=1, now=now)
    assert await swept(session, "2026-09-14 18:00") == 4
    with pytest.raises(NotExtendable):
        await extend_clock(session, TIMES, clock.id, by=1, now=now)


async def test_a_statutory_limit_is_extended_only_as_the_law_says(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    statutory = limit(60, "natural_day", statutory=True, source=LAW)
    clock = await start(session, incident, statutory)
    with pytest.raises(StatutoryClock):
        await extend_clock(session, TIMES, clock.id, by=1, now=local("2026-09-08 10:00"))
    lawful = limit(60, "natural_day", statutory=True, source=LAW, extension={"most": 30})
    second = await start(session, incident, lawful)
    await extend_clock(session, TIMES, second.id, by=30, now=local("2026-09-08 10:00"))
    assert second.due_day.isoformat() == "2026-11-30"


async def test_a_stopped_clock_gives_no_notice(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    await start(session, incident)
    await start(session, incident, FAST)
    stopped = await stop_clocks(session, incident, outcome="closed", now=local("2026-09-02 10:00"), limits=["fast"])
    assert [clock.code for clock in stopped] == ["fast"]
    assert await swept(session, "2026-10-20 10:00") == 1
    assert await stop_clocks(session, incident, outcome="closed", now=local("2026-10-20 11:00"))
    assert not await stop_clocks(session, incident, outcome="closed", now=local("2026-10-20 12:00"))


async def test_another_version_of_the_pack_neither_warns_twice_nor_moves_what_it_keeps(session: AsyncSession) -> None:
    """The cases of a flow whose limit is halved: one open, one warned, one paused."""
    found = await incidents(session, 3)
    clocks = [await start(session, one) for one in found]
    await pause_clocks(session, found[2], WEST, reason="expert", now=local("2026-09-02 10:00"))
    assert await swept(session, "2026-09-08 09:00") == 2
    half = ClockTerm.model_validate({**DAYS.model_dump(), "amount": 2})
    now = local("2026-09-08 10:00")
    for clock, keeps in zip(clocks, (True, False, False), strict=True):
        new = NewClock(clock.incident_id, WEST, half, "v2", clock.started_at, OFFICE)
        await adopt_term(session, TIMES, clock.id, new, keeps_due=keeps, now=now)
    assert [clock.due_day.isoformat() for clock in clocks][:2] == ["2026-09-08", "2026-09-03"]
    assert {clock.pack_version for clock in clocks} == {"v2"}
    assert await swept(session, "2026-09-08 10:00") == 3  # The halved one is over; no warning a second time.
    assert (await noticed(session)).count("clock.warn") == 2
    assert await swept(session, "2026-10-20 10:00") == 4  # The paused one stands still.


async def test_clocks_move_with_their_incident(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    clock = await start(session, incident)
    await move_clocks(session, {incident: EAST})
    stored = await session.get_one(Deadline, ("clock", clock.id, "clock.moment"), populate_existing=True)
    assert stored.division_path == EAST


async def test_history_has_ended_clocks(session: AsyncSession) -> None:
    [incident] = await incidents(session)
    new = NewClock(incident, WEST, DAYS, "v1", local("2026-09-01 10:00"), OFFICE)
    await import_ended_clocks(session, TIMES, [EndedClock(new, local("2026-09-04 10:00"), "closed")] * 3)
    assert len((await clocks_of(session, [incident], is_open=False))[incident]) == 3
    assert await swept(session, "2026-10-20 10:00") == 0


CASES = CaseClocks(ClockTerms(hours=(OFFICE,), limits=(DAYS, FAST)), TIMES)


async def test_a_merged_case_stops_and_the_other_is_due_by_the_earlier_door(session: AsyncSession) -> None:
    [main] = await incidents(session, at="2026-09-08 10:00")
    kept = await session.get_one(Incident, main)
    columns = [column.name for column in Incident.__table__.columns if column.name != "id"]
    other = Incident(**{name: getattr(kept, name) for name in columns})
    other.case_code, other.registered_at = "older", local("2026-09-02 10:00")
    session.add(other)
    await session.flush()
    now = local("2026-09-08 11:00")
    for incident in (kept, other):
        await CASES.start(session, incident, {"handling": "handling"}, version="v1", now=now, unit_hours="ordinary")
    other.merged_into_id, other.closed_at = main, now
    await CASES.join(session, other, kept, now=now)
    opened = await CASES.open_of(session, [main, other.id], now=now)
    assert [told(one.due_at) for one in opened[main]] == ["2026-09-09 17:00"] and other.id not in opened
    other.merged_into_id = other.closed_at = None
    await CASES.part(session, other, main=kept, now=local("2026-09-10 11:00"))
    opened = await CASES.open_of(session, [main, other.id], now=now)
    assert [told(opened[one][0].due_at) for one in (main, other.id)] == ["2026-09-15 17:00", "2026-09-11 17:00"]
    sums = [*(await CASES.sums_of(session, other.id, now=local("2026-09-11 17:00"))).values()]
    assert [line.kind for line in sums[0].lines] == ["ran", "paused", "ran"]


async def count_all(session: AsyncSession, times: WorkedTimes, *, at: str) -> int:
    moved, after = 0, 0
    while True:
        counted = await count_again(session, times, NoCases(), after=after, now=local(at))
        moved += counted.moved
        if counted.last_id is None:
            return moved
        after = counted.last_id


async def test_a_changed_day_moves_the_clocks_that_cross_it_and_a_second_run_writes_nothing(
    session: AsyncSession, tmp_path: Path
) -> None:
    assert await count_all(session, TIMES, at="2026-09-01 09:00") == 0
    found = await incidents(session, 4)
    terms = [(limit(5, "working_day"), "2026-09-30 10:00"), (limit(5, "working_day"), "2026-09-01 10:00"),
             (limit(20, "urgent_hour"), "2026-10-09 20:00"), (limit(5, "working_day"), "2026-09-30 10:00")]  # fmt: skip
    clocks = [await start(session, one, term, at=at) for one, (term, at) in zip(found, terms, strict=True)]
    await stop_clocks(session, found[3], outcome="closed", now=local("2026-10-12 10:00"))
    (tmp_path / "2026-10-08.toml").write_text(
        'year = 2026\nnotice = "county"\nissued = 2026-10-08\nsource = "https://www.gov.cn/"\nfetched = 2026-10-08\n'
        'off = ["2026-10-10"]\n'
    )
    times = WorkedTimes(read_calendar(tmp_path), ZONE)
    before = [clock.due_at for clock in clocks]
    assert await count_all(session, times, at="2026-10-08 10:00") == 1
    assert [clock.due_day.isoformat() for clock in clocks if clock.due_at not in before] == ["2026-10-14"]
    [entry] = (await session.scalars(select(TimelineEntry))).all()
    assert (entry.kind, entry.incident_id, entry.data["day"]) == ("clock.recounted", found[0], "2026-10-10")
    kept = [row.counted_at for row in await session.scalars(select(CalendarYear).order_by(CalendarYear.year))]
    assert await count_all(session, times, at="2026-10-09 10:00") == 0
    again = (await session.scalars(select(CalendarYear).order_by(CalendarYear.year))).all()
    assert [row.counted_at for row in again] == kept


async def test_a_provisional_due_time_is_counted_again_when_its_year_is_announced(
    session: AsyncSession, tmp_path: Path
) -> None:
    await count_all(session, TIMES, at="2026-11-25 09:00")
    found = await incidents(session, 2)
    moved, same = [
        await start(session, one, limit(days, "working_day"), at="2026-11-25 10:00")
        for one, days in zip(found, (40, 30), strict=True)
    ]
    assert (moved.due_day.isoformat(), moved.unannounced, same.unannounced) == ("2027-01-21", [2027], [2027])
    (tmp_path / "2027.toml").write_text(NEXT)
    times = WorkedTimes(read_calendar(tmp_path), ZONE)
    assert await count_all(session, times, at="2026-12-01 09:00") == 1
    assert (moved.due_day.isoformat(), moved.unannounced, same.unannounced) == ("2027-01-22", [], [])
    assert await entries(session) == ["clock.recounted"]


async def test_three_servers_that_break_off_give_each_notice_once(store: Store) -> None:
    """Sweeps at once, every third of which is broken off before it commits: as if its server were killed."""
    reach = Reach(scope=ROOT)
    async with store.transaction(reach) as session:
        found = await incidents(session, 60)
        await start_clocks(
            session, TIMES, [NewClock(one, WEST, HOURS, "v1", local("2026-09-11 15:00"), OFFICE) for one in found],
            now=local("2026-09-11 15:00"),
        )  # fmt: skip

    async def serve(at: datetime, *, breaks_off: bool) -> None:
        try:
            async with store.transaction(reach) as session:
                await sweep(session, KINDS, now=at, limit=25)
                if breaks_off:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            return

    for at in (local("2026-09-14 14:00"), local("2026-09-14 15:00")):
        for _ in range(4):
            await asyncio.gather(*(serve(at, breaks_off=i == 2) for i in range(3)))
    async with store.transaction(reach) as session:
        kinds = await noticed(session)
        assert (kinds.count("clock.warn"), kinds.count("clock.due"), len(kinds)) == (60, 60, 120)
