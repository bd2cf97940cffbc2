"""When clocks are due: the sums that were checked by hand, and what holds for any of them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.clocks.rules import Pause, Running, limit_of, merged, months_after, schedule_of, used_of
from console.clocks.terms import ClockUnit, Hours
from console.clocks.walking import DAY, HOUR
from geo.terms import Names
from tests.console.clocks.clockwork import OFFICE, TIMES, limit, local, running, schedule, told


@pytest.mark.parametrize(
    ("started", "days", "due"),
    [
        ("2026-09-30", 5, "2026-10-13"),
        ("2026-09-18", 3, "2026-09-22"),
        ("2026-09-24", 3, "2026-09-30"),
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-04-30", 2, "2026-05-07"),
        ("2026-10-04", 1, "2026-10-08"),
        ("2026-09-20", 1, "2026-09-21"),
        ("2020-01-23", 3, "2020-02-05"),
    ],
)
def test_working_days_skip_days_off_and_count_make_up_days(started: str, days: int, due: str) -> None:
    found = schedule(limit(days, "working_day"), f"{started} 10:00")
    assert (found.due_day.isoformat(), told(found.due_at)) == (due, f"{due} 17:00")


@pytest.mark.parametrize("clock", ["00:00", "08:59", "12:30", "17:00", "23:59"])
def test_the_day_of_the_start_does_not_count_whatever_its_hour(clock: str) -> None:
    assert told(schedule(limit(5, "working_day"), f"2026-09-30 {clock}").due_at) == "2026-10-13 17:00"


@pytest.mark.parametrize(
    ("hours", "started", "pauses", "due"),
    [
        (7, "2026-09-11 15:00", (), "2026-09-14 15:00"),
        (7, "2026-09-11 15:00", (("2026-09-11 16:00", "2026-09-14 10:00"),), "2026-09-14 17:00"),
        (9, "2026-09-18 16:00", (), "2026-09-21 10:00"),
        (4, "2026-09-30 16:00", (), "2026-10-08 12:00"),
        (1, "2026-09-30 16:00", (), "2026-09-30 17:00"),
        (1, "2026-09-30 17:00", (), "2026-10-08 10:00"),
        (1, "2026-10-03 11:00", (), "2026-10-08 10:00"),
    ],
)
def test_working_hours_are_walked(hours: int, started: str, pauses: tuple[tuple[str, str], ...], due: str) -> None:
    assert told(schedule(limit(hours, "working_hour"), started, pauses=pauses).due_at) == due


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [("2026-09-18 16:00", "2026-09-21 10:00", 9), ("2026-09-11 16:00", "2026-09-14 10:00", 2)],
)
def test_a_pause_takes_away_the_time_worked_in_it(begin: str, end: str, hours: int) -> None:
    clock = running(limit(70, "working_hour"), "2026-09-01 09:00", pauses=((begin, end),))
    without = running(limit(70, "working_hour"), "2026-09-01 09:00")
    until = local("2026-09-30 17:00")
    assert used_of(without, TIMES, until=until) - used_of(clock, TIMES, until=until) == hours * HOUR


@pytest.mark.parametrize(
    ("rollover", "hours", "day", "due"),
    [
        (True, OFFICE, "2026-10-08", "2026-10-08 17:00"),
        (True, None, "2026-10-08", "2026-10-09 00:00"),
        (False, None, "2026-10-06", "2026-10-07 00:00"),
        (False, OFFICE, "2026-10-06", "2026-10-07 00:00"),
    ],
)
def test_natural_days_that_end_on_a_day_off_move_on_where_the_law_says_so(
    rollover: bool, hours: Hours | None, day: str, due: str
) -> None:
    found = schedule(limit(15, "natural_day", rollover=rollover), "2026-09-21 11:00", hours=hours)
    assert (found.due_day.isoformat(), told(found.due_at)) == (day, due)


def test_a_month_ends_on_the_same_day_or_the_last_of_a_shorter_month() -> None:
    assert schedule(limit(1, "month"), "2026-01-31 10:00").due_day.isoformat() == "2026-02-28"  # A worked Saturday.
    assert schedule(limit(1, "month"), "2026-01-05 10:00").due_day.isoformat() == "2026-02-05"
    assert [months_after(date(2026, 12, 31), n).isoformat() for n in (0, 2, 14)] == [
        "2026-12-31",
        "2027-02-28",
        "2028-02-29",
    ]


def test_urgent_hours_run_through_nights_and_days_off() -> None:
    found = schedule(limit(72, "urgent_hour"), "2026-09-30 23:30")
    assert (told(found.due_at), found.due_day.isoformat()) == ("2026-10-03 23:30", "2026-10-03")
    midnight = schedule(limit(24, "urgent_hour"), "2026-10-01 00:00")
    assert (told(midnight.due_at), midnight.due_day.isoformat()) == ("2026-10-02 00:00", "2026-10-01")


def test_hours_around_the_clock_lose_no_minute_at_midnight() -> None:
    always = Hours(code="duty", names=Names(zh="值班", en="Duty"), working=("00:00-24:00",), holidays=("00:00-24:00",),
                   week={"sat": ("00:00-24:00",), "sun": ("00:00-24:00",)})  # fmt: skip
    found = schedule(limit(240, "working_hour"), "2026-09-28 13:07", hours=always)
    assert told(found.due_at) == "2026-10-08 13:07"


def test_a_unit_that_does_not_work_on_make_up_days_has_later_clocks() -> None:
    bank = OFFICE.model_copy(update={"make_up": False})
    assert schedule(limit(3, "working_day"), "2026-09-18 10:00", hours=bank).due_day.isoformat() == "2026-09-23"
    assert told(schedule(limit(4, "working_hour"), "2026-09-18 16:00", hours=bank).due_at) == "2026-09-21 12:00"


def test_a_units_own_days_off_count_for_it_alone() -> None:
    closed = OFFICE.model_copy(update={"days_off": (date(2026, 9, 22),)})
    assert schedule(limit(3, "working_day"), "2026-09-18 10:00", hours=closed).due_day.isoformat() == "2026-09-23"


HOUR_BEFORE = [{"amount": 1, "unit": "working_hour"}]


@pytest.mark.parametrize(
    ("term", "started", "warned"),
    [
        (limit(4, "working_hour", warn=HOUR_BEFORE), "2026-09-30 16:00", "2026-10-08 11:00"),
        (limit(1, "working_hour", warn=HOUR_BEFORE), "2026-09-30 16:00", "2026-09-30 16:00"),
        (limit(5, "working_day", warn=[{"amount": 1, "unit": "working_day"}]), "2026-09-30 16:00", "2026-10-12 09:00"),
        (limit(5, "working_day", warn=[{"amount": 5, "unit": "working_day"}]), "2026-09-30 16:00", "2026-09-30 16:00"),
        (limit(5, "working_day", warn=[{"share": 0.6}]), "2026-09-30 16:00", "2026-10-12 09:00"),
        (limit(15, "natural_day", warn=[{"amount": 1, "unit": "natural_day"}]), "2026-09-21 11:00", "2026-09-30 09:00"),
        (limit(72, "urgent_hour", warn=[{"amount": 1, "unit": "urgent_hour"}]), "2026-09-30 23:30", "2026-10-03 22:30"),
    ],
)  # fmt: skip
def test_a_warning_walks_the_calendar_back(term: object, started: str, warned: str) -> None:
    assert told(schedule(term, started).warn_at) == warned  # type: ignore[arg-type]


def test_an_hours_warning_of_what_is_due_at_opening_comes_the_working_day_before() -> None:
    warn = [{"amount": 1, "unit": "working_hour"}]
    assert told(schedule(limit(225, "urgent_hour", warn=warn), "2026-09-29 00:00").warn_at) == "2026-09-30 16:00"
    late = schedule(limit(7, "working_hour", warn=warn), "2026-09-30 09:01")
    assert (told(late.due_at), told(late.warn_at)) == ("2026-10-08 09:01", "2026-09-30 16:01")


def test_notice_is_given_again_when_a_clock_is_over_for_long() -> None:
    late = [{"amount": 1, "unit": "working_day", "to": ["above"]}, {"amount": 2, "unit": "working_hour"}]
    found = schedule(limit(5, "working_day", late=late), "2026-09-30 10:00")
    assert [(moment.code, told(moment.at)) for moment in found.moments] == [
        ("due", "2026-10-13 17:00"),
        ("late.2", "2026-10-14 11:00"),
        ("late.1", "2026-10-14 17:00"),
    ]


@pytest.mark.parametrize(
    ("begin", "end", "due"),
    [
        ("2026-09-03 00:00", "2026-09-08 00:00", "2026-09-11"),  # Three working days.
        ("2026-09-03 09:00", "2026-09-07 17:00", "2026-09-11"),
        ("2026-09-05 09:00", "2026-09-06 17:00", "2026-09-08"),  # A weekend.
        ("2026-09-03 10:00", "2026-09-03 10:05", "2026-09-09"),  # What is left ends within a day, and that day counts.
        ("2026-09-09 09:00", "2026-09-20 10:00", "2026-09-08"),  # After it was due.
    ],
)
def test_a_pause_moves_a_limit_in_days_by_the_days_worked_in_it(begin: str, end: str, due: str) -> None:
    found = schedule(limit(5, "working_day"), "2026-09-01 10:00", pauses=((begin, end),))
    assert found.due_day.isoformat() == due


def test_a_pause_on_the_last_day_leaves_that_day_to_work_in() -> None:
    term = limit(1, "working_day")
    found = schedule(term, "2026-09-01 10:00", pauses=(("2026-09-02 15:00", "2026-09-04 10:00"),))
    assert told(found.due_at) == "2026-09-04 17:00"
    rolled = schedule(limit(15, "natural_day"), "2026-09-21 11:00", pauses=(("2026-10-07 10:00", "2026-10-12 10:00"),))
    assert rolled.due_day.isoformat() == "2026-10-12"


def test_a_pause_that_goes_on_moves_the_due_time_with_the_clock() -> None:
    term = limit(7, "working_hour")
    found = [
        told(schedule(term, "2026-09-11 15:00", pauses=(("2026-09-11 16:00", ""),), now=now).due_at)
        for now in ("2026-09-12 03:00", "2026-09-14 10:00", "2026-09-14 11:00")
    ]
    assert found == ["2026-09-14 16:00", "2026-09-14 17:00", "2026-09-15 10:00"]


def test_the_shorter_limit_of_another_lane_leaves_out_the_earlier_pause() -> None:
    """Five days, paused from the third to the seventh, moved on the eighth to the lane of three days from the door."""
    clock = running(limit(3, "working_day"), "2026-09-01 10:00", pauses=(("2026-09-03 00:00", "2026-09-08 00:00"),))
    now = local("2026-09-08 09:00")
    assert used_of(clock, TIMES, until=now) == 1 * DAY
    assert schedule_of(clock, TIMES, now=now).due_day.isoformat() == "2026-09-09"


def test_the_day_is_the_countys() -> None:
    """Half past midnight on the first of October is still September in UTC."""
    night = datetime.fromisoformat("2026-09-30T16:30:00+00:00")
    found = schedule_of(Running(limit(1, "working_day"), night, OFFICE), TIMES, now=night)
    assert found.due_day.isoformat() == "2026-10-08"
    evening = night - timedelta(hours=1)
    assert schedule_of(Running(limit(1, "natural_day"), evening), TIMES, now=night).due_day.isoformat() == "2026-10-08"


def test_a_due_time_in_a_year_without_a_notice_is_provisional() -> None:
    found = schedule(limit(40, "working_day"), "2026-11-25 10:00")
    assert (found.due_day.isoformat(), found.unannounced) == ("2027-01-21", (2027,))
    assert schedule(limit(20, "working_day"), "2026-11-25 10:00").unannounced == ()
    assert schedule(limit(2000, "urgent_hour"), "2026-11-25 10:00").unannounced == ()
    plain = limit(60, "natural_day", rollover=False)
    assert schedule(plain, "2026-11-25 10:00", hours=None).unannounced == ()
    assert schedule(limit(3000, "working_day"), "2026-11-25 10:00").unannounced[:2] == (2027, 2028)


def test_overlapping_and_empty_pauses_count_once() -> None:
    def pause(begin: str, end: str | None) -> Pause:
        return Pause(local(begin), local(end) if end else None)

    found = merged(
        [
            pause("2026-09-03", "2026-09-05"),
            pause("2026-09-01", "2026-09-02"),
            pause("2026-09-04", "2026-09-04"),
            pause("2026-09-05", "2026-09-06"),
            pause("2026-09-10", None),
            pause("2026-09-12", "2026-09-13"),
        ]
    )
    assert [(told(one.begin)[:10], told(one.end)[:10]) for one in found] == [
        ("2026-09-01", "2026-09-02"),
        ("2026-09-03", "2026-09-06"),
        ("2026-09-10", ""),
    ]


minutes = st.integers(0, 60 * 24 * 400)
BEGIN = local("2025-12-20 00:00")


@st.composite
def clocks(draw: st.DrawFn) -> Running:
    unit = draw(st.sampled_from([*ClockUnit]))
    amount = draw(st.integers(1, 2 if unit is ClockUnit.MONTH else 40))
    started = BEGIN + timedelta(minutes=draw(minutes), seconds=draw(st.integers(0, 59)))
    pauses = []
    at = started
    for _ in range(draw(st.integers(0, 4))):
        begin = at + timedelta(minutes=draw(st.integers(0, 60 * 24 * 6)))
        at = begin + timedelta(minutes=draw(st.integers(0, 60 * 24 * 12)))
        pauses.append(Pause(begin, at))
    hours = draw(st.sampled_from([OFFICE, None, OFFICE.model_copy(update={"make_up": False})]))
    return Running(limit(amount, unit, rollover=draw(st.booleans())), started, hours, 0, tuple(pauses))


@given(clocks(), minutes)
def test_used_and_left_make_the_limit_and_the_due_time_is_where_nothing_is_left(clock: Running, after: int) -> None:
    now = clock.started_at + timedelta(minutes=after)
    found, whole = schedule_of(clock, TIMES, now=now), limit_of(clock, TIMES)
    used = used_of(clock, TIMES, until=now)
    assert used >= 0
    assert found.due_at > clock.started_at
    if clock.term.unit.is_hours:
        assert used_of(clock, TIMES, until=found.due_at) == whole
        assert (used < whole) == (now < found.due_at) or clock.pauses
    else:
        midnight = local(found.due_day.isoformat())
        assert used_of(clock, TIMES, until=midnight + timedelta(days=1)) >= whole
        is_moved = (
            clock.pauses or TIMES.of(clock.hours).next_working(found.due_day - timedelta(days=1)) == found.due_day
        )
        assert used_of(clock, TIMES, until=midnight) < whole or is_moved


@given(clocks())
def test_a_pause_never_makes_a_clock_due_earlier(clock: Running) -> None:
    bare = Running(clock.term, clock.started_at, clock.hours)
    now = clock.started_at
    assert schedule_of(clock, TIMES, now=now).due_at >= schedule_of(bare, TIMES, now=now).due_at


@given(clocks(), st.integers(1, 10))
def test_an_extension_never_makes_a_clock_due_earlier(clock: Running, by: int) -> None:
    longer = Running(clock.term, clock.started_at, clock.hours, by, clock.pauses)
    now = clock.started_at
    assert schedule_of(longer, TIMES, now=now).due_at >= schedule_of(clock, TIMES, now=now).due_at
