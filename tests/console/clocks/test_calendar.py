"""The working calendar: every day against two libraries, later notices, and files that cannot be."""

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import holidays
import pytest

from console.clocks.calendar import BadCalendar, DayKind, WorkingCalendar, read_calendar
from tests.console.clocks.clockwork import TIMES

CALENDAR = TIMES.calendar
DAYS = [date(2019, 1, 1) + timedelta(days=i) for i in range((date(2027, 1, 1) - date(2019, 1, 1)).days)]
NEXT = """
year = 2027
notice = "国办发明电〔2026〕0号"
issued = 2026-12-01
source = "https://www.gov.cn/"
fetched = 2026-12-01
off = ["2027-01-01/2027-01-03", "2027-01-11/2027-01-12"]
worked = ["2027-01-09"]
"""


def added(folder: Path, content: str, name: str = "2027.toml") -> WorkingCalendar:
    (folder / name).write_text(content, encoding="utf8")
    return read_calendar(folder)


def test_every_day_of_the_notices_is_worked_or_off_as_two_libraries_say() -> None:
    china = holidays.country_holidays("CN", years=range(2019, 2027))
    ours = {day: CALENDAR.kind(day).is_worked for day in DAYS}
    assert [day for day in DAYS if ours[day] != chinese_calendar.is_workday(day)] == []
    assert [day for day in DAYS if ours[day] != china.is_working_day(day)] == []


def test_the_laws_days_off_of_coming_years_are_those_of_the_lunar_calendar() -> None:
    years = range(2027, 2037)
    named = {
        day
        for day, name in holidays.country_holidays("CN", years=years, language="en_US").items()
        if "observed" not in name
    }
    listed = {day for year in years for day in _days_of(year) if CALENDAR.kind(day) is DayKind.OFF}
    assert sorted(listed) == sorted(named)


def _days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(days=i) for i in range(365)]


def test_kinds_of_days_have_their_own_words() -> None:
    wanted = {
        "2026-09-20": DayKind.MAKE_UP,
        "2026-09-26": DayKind.OFF,
        "2026-09-28": DayKind.WORKING,
        "2026-09-13": DayKind.WEEKEND,
        "2027-02-05": DayKind.OFF,
        "2027-02-10": DayKind.WORKING,
    }
    assert {day: CALENDAR.kind(date.fromisoformat(day)) for day in wanted} == wanted


def test_a_later_notice_changes_the_days_of_an_earlier_one() -> None:
    """In January 2020 the holiday was prolonged, and a make-up day gone with it."""
    first_week = [date(2020, 1, 31), date(2020, 2, 1), date(2020, 2, 2), date(2020, 2, 3)]
    assert [CALENDAR.kind(day) for day in first_week] == [DayKind.OFF, DayKind.OFF, DayKind.OFF, DayKind.WORKING]


def test_a_year_that_is_not_announced_is_missed_from_october() -> None:
    wanted = {"2026-09-30": None, "2026-10-01": 2027, "2026-12-31": 2027, "2027-01-01": 2027, "2018-05-01": 2018}
    assert {day: CALENDAR.missing(date.fromisoformat(day)) for day in wanted} == wanted


def test_a_file_of_ones_own_adds_a_year(tmp_path: Path) -> None:
    known = added(tmp_path, NEXT)
    assert known.missing(date(2026, 11, 1)) is None
    assert known.kind(date(2027, 1, 9)) is DayKind.MAKE_UP
    assert known.digest != CALENDAR.digest
    again = added(
        tmp_path, NEXT.replace("off = [", 'ordinary = ["2027-01-11"]\noff = [').replace("-11/", "-12/"), "9.toml"
    )
    assert again.kind(date(2027, 1, 11)) is DayKind.WORKING


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"2027-01-09"', '"2027-01-08"'),  # A Friday is no make-up day.
        ('"2027-01-09"', '"2027-01-03"'),  # Off and worked.
        ('"2027-01-09"', '"2027-02-30"'),
        ("year = 2027", "years = 2027"),
        ("year = 2027", "year = "),
    ],
)
def test_a_calendar_file_that_cannot_be_is_refused_by_name(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(BadCalendar) as refused:
        added(tmp_path, NEXT.replace(old, new))
    assert str(refused.value.params["file"]).endswith("2027.toml")
