"""Rules of rosters: nights, changes of the clock, patterns on 补班日 and holidays, leave, and gaps in the cover."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.rosters.rules import (
    Gap,
    PeriodTooLong,
    Served,
    ShiftTimes,
    Skills,
    Span,
    Who,
    WhoKind,
    check_days,
    check_span,
    counts_for,
    find_gaps,
    lay,
    serve,
)
from console.rosters.terms import Cover, Pattern, span_of
from tests.console.clocks.clockwork import TIMES, ZONE, local
from tests.property.depth import examples

NAMES = {"zh": "值班", "en": "Duty"}
TOWN = "320509.320509100"
AMY, BOB, CAY = (Who(WhoKind.FORCE, number) for number in (1, 2, 3))
BASE = datetime(2026, 3, 2, tzinfo=UTC)


def pattern(**more: object) -> Pattern:
    said = {"code": "night", "names": NAMES, "attendance": "rotating", "hours": ["22:00-06:00"]}
    return Pattern.model_validate(said | more)


def cover(**more: object) -> Cover:
    return Cover.model_validate({"code": "three", "names": NAMES, "at": "town", "least": 2} | more)


def laid(of: Pattern, first: str, last: str, *, whos: Sequence[Who] = (AMY,), zone: ZoneInfo = ZONE) -> list[Span]:
    days = date.fromisoformat(first), date.fromisoformat(last)
    return [one.span for one in lay(of, whos, *days, calendar=TIMES.calendar, zone=zone)]


def gaps(of: Cover, served: Sequence[Served], first: str, last: str) -> list[Gap]:
    days = date.fromisoformat(first), date.fromisoformat(last)
    return find_gaps(of, TOWN, served, {}, days, calendar=TIMES.calendar, zone=ZONE)


def at_work(who: Who, begin: str, end: str, *, path: str = TOWN) -> Served:
    return Served(who, "resident", Span(local(begin), local(end)), path)


def test_a_night_belongs_to_the_day_it_begins_and_touching_shifts_do_not_overlap() -> None:
    night = laid(pattern(), "2026-03-24", "2026-03-24")[0]
    assert night == Span(local("2026-03-24 22:00"), local("2026-03-25 06:00"))
    day = Span(local("2026-03-25 06:00"), local("2026-03-25 18:00"))
    assert not night.touches(day)
    assert night.touches(Span(local("2026-03-25 01:00"), local("2026-03-25 01:01")))
    begin, end = span_of(date(2026, 3, 24), "08:00-08:00", ZONE)
    assert end - begin == timedelta(days=1)
    for end in (night.starts_at, night.starts_at - timedelta(hours=1), night.starts_at + timedelta(days=32)):
        with pytest.raises(ShiftTimes):
            check_span(Span(night.starts_at, end))


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"])
def test_weeks_in_turn_leave_no_minute_uncovered_over_changes_of_the_clock(zone: str) -> None:
    weeks = pattern(hours=["08:00-20:00", "20:00-08:00"], turn="week")
    spans = laid(weeks, "2026-01-05", "2027-02-28", whos=[AMY, BOB, CAY], zone=ZoneInfo(zone))
    assert [a.ends_at for a in spans[:-1]] == [b.starts_at for b in spans[1:]]
    lengths = {span.ends_at - span.starts_at for span in spans}
    assert lengths >= {timedelta(hours=12)} and (len(lengths) == 1) == (zone == "Asia/Shanghai")


def test_a_worked_sunday_counts_as_worked_and_a_holiday_as_off() -> None:
    office, off = pattern(days="worked", hours=["09:00-17:00"]), pattern(days="off", hours=["09:00-17:00"])
    october = ("2026-09-19", "2026-10-11")
    worked = [span.starts_at.astimezone(ZONE).date() for span in laid(office, *october)]
    resting = [span.starts_at.astimezone(ZONE).date() for span in laid(off, *october)]
    assert date(2026, 9, 20) in worked and date(2026, 10, 10) in worked, "补班"
    assert date(2026, 10, 1) in resting and not {*worked} & {*resting}
    weekdays = laid(pattern(weekdays=["sun"]), *october)
    assert [span.starts_at.astimezone(ZONE).day for span in weekdays] == [20, 27, 4, 11]


def test_a_year_without_a_notice_is_laid_as_assumed_and_the_same_again_has_the_same_ids() -> None:
    days = date(2026, 12, 30), date(2027, 1, 3)
    first = lay(pattern(), [AMY], *days, calendar=TIMES.calendar, zone=ZONE)
    assert [one.assumed for one in first] == [False, False, True, True, True]
    assert first == lay(pattern(), [AMY], *days, calendar=TIMES.calendar, zone=ZONE)
    assert len({one.id for one in first}) == 5


def test_turns_go_round_by_the_days_of_the_pattern() -> None:
    by_day = pattern(turn="day", days="worked", hours=["09:00-17:00"])
    whos = [one.who for one in lay(by_day, [AMY, BOB], *_days("2026-03-06", "2026-03-10"), calendar=TIMES.calendar,
                                   zone=ZONE)]  # fmt: skip
    assert whos == [AMY, BOB, AMY], "Friday, Monday and Tuesday"
    assert lay(by_day, [], *_days("2026-03-06", "2026-03-10"), calendar=TIMES.calendar, zone=ZONE) == []
    with pytest.raises(PeriodTooLong):
        check_days(*_days("2026-03-06", "2026-03-05"), most=62)


def _days(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


def test_cover_counts_people_at_work_and_not_rows() -> None:
    both = [at_work(AMY, "2026-03-02 08:00", "2026-03-02 20:00"), at_work(BOB, "2026-03-02 08:00", "2026-03-02 20:00")]
    asked = cover(hours=["09:00-17:00"])
    assert gaps(asked, both, "2026-03-02", "2026-03-02") == []
    away = serve(both, {BOB: [Span(local("2026-03-02 12:00"), local("2026-03-03 12:00"))]})
    found = gaps(asked, away, "2026-03-02", "2026-03-02")
    assert found == [Gap("three", TOWN, Span(local("2026-03-02 12:00"), local("2026-03-02 17:00")), least=2, held=1)]
    twice = [*both[:1], at_work(AMY, "2026-03-02 08:00", "2026-03-02 20:00", path=f"{TOWN}.x")]
    assert [gap.held for gap in gaps(asked, twice, "2026-03-02", "2026-03-02")] == [1], "one counts once"
    elsewhere = [both[0], at_work(BOB, "2026-03-02 08:00", "2026-03-02 20:00", path="320509.320509101")]
    assert [gap.held for gap in gaps(asked, elsewhere, "2026-03-02", "2026-03-02")] == [1]
    assert gaps(cover(hours=["09:00-17:00"], days="off"), [], "2026-03-02", "2026-03-06") == []


def test_a_unit_counts_for_no_minimum_and_a_speciality_may_be_of_the_class() -> None:
    mediators = cover(kinds=["mediator"], titles=["expert"], speciality="dispute.family")
    served = at_work(AMY, "2026-03-02 08:00", "2026-03-02 20:00")
    for skills, counts in [
        (Skills("mediator", specialities=frozenset({"dispute"})), True),
        (Skills("mediator", specialities=frozenset({"hazard"})), False),
        (Skills("patrol", specialities=frozenset({"dispute.family"})), False),
        (Skills(titles=frozenset({"expert"}), specialities=frozenset({"dispute.family"})), True),
    ]:
        assert counts_for(mediators, served, skills) is counts
    unit = Served(Who(WhoKind.UNIT, 1), "resident", served.span, TOWN)
    assert not counts_for(cover(), unit, Skills()) and counts_for(cover(), served, Skills())
    assert not counts_for(cover(attendance=["on_call"]), served, Skills())


hours = st.integers(0, 72)
spans = st.tuples(hours, hours).filter(lambda pair: pair[0] < pair[1])


def span(pair: tuple[int, int]) -> Span:
    return Span(BASE + timedelta(hours=pair[0]), BASE + timedelta(hours=pair[1]))


@given(spans, st.lists(spans, max_size=5))
@settings(max_examples=examples(60), deadline=None)
def test_what_is_left_of_a_shift_equals_brute_force_by_hours(
    whole: tuple[int, int], away: list[tuple[int, int]]
) -> None:
    left = span(whole).minus([span(pair) for pair in away])
    by_hours = {h for h in range(*whole) if not any(begin <= h < end for begin, end in away)}
    assert {h for h in range(72) if any(s.starts_at <= BASE + timedelta(hours=h) < s.ends_at for s in left)} == by_hours
    assert all(a.ends_at < b.starts_at for a, b in pairwise(left))


@given(st.lists(st.tuples(st.sampled_from([AMY, BOB, CAY]), spans), max_size=6))
@settings(max_examples=examples(60), deadline=None)
def test_gaps_equal_brute_force_by_hours(rows: list[tuple[Who, tuple[int, int]]]) -> None:
    served = [Served(who, "resident", span(pair), TOWN) for who, pair in rows]
    day = timedelta(days=1)
    found = find_gaps(
        cover(), TOWN, served, {}, _days("2026-03-02", "2026-03-03"), calendar=TIMES.calendar, zone=ZoneInfo("UTC")
    )
    for hour in range(48):
        at = BASE + timedelta(hours=hour)
        held = len({one.who for one in served if one.span.starts_at <= at < one.span.ends_at})
        short = [gap.held for gap in found if gap.span.starts_at <= at < gap.span.ends_at]
        assert short == ([held] if held < 2 else [])
    assert all(BASE <= gap.span.starts_at < gap.span.ends_at <= BASE + 2 * day for gap in found)
