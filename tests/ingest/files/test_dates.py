"""Dates and times as Excel, WPS and offices write them."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.files.dates import DateFormat, NotATime, Written, joined, read_written

HALF_PAST_EIGHT = datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001 (as written, without a zone)
SEVEN_PAST_THREE = datetime(2026, 3, 1, 15, 7)  # noqa: DTZ001
MIDNIGHT = datetime(2026, 3, 1)  # noqa: DTZ001


def moment_of(value: Any, form: str | None = None, **options: Any) -> datetime:
    return joined([read_written(value, DateFormat.of(form) if form else DateFormat(), **options)])


@pytest.mark.parametrize(
    "value",
    [
        "2026/3/1 8:30", "2026-3-1 8:30:00", "2026-03-01 08:30", "2026年3月1日 8时30分", "2026年3月1日8时30分",
        "2026年03月01日 08时30分00秒", "２０２６年３月１日　８：３０", "2026/3/1 上午 8:30", "2026/3/1 上午8:30:00",
        "2026-3-1 8:30 AM", "2026/3/1 星期日 8:30", "2026年3月1日 星期日 上午8时30分", "2026.3.1 8:30",
        "2026.03.01 08:30",
        "20260301 0830", "20260301T083000", "202603010830", "20260301083000", 20260301083000, "20260301 08:30",
        "2026年3月1日8点半", "二〇二六年三月一日 上午八时三十分", "2026 年 3 月 1 日 8:30", "2026-03-01T08:30:00.000",
        "2026-03-01 08:30 星期日",
        "2026/03/01 08:30:00",
        "1-Mar-2026 8:30", "Mar 1, 2026 8:30 AM", "46082.3541666667", 46082.35416666667, "26年3月1日 8:30",
        "2026年3月1号 早上8点30分", "2026－3－1 8：30", "2026/3/1, 8:30", "(周日) 2026/3/1 8:30",
    ],
)  # fmt: skip
def test_half_past_eight_is_read_in_every_writing(value: Any) -> None:
    assert moment_of(value) == HALF_PAST_EIGHT


@pytest.mark.parametrize(
    "value",
    [
        "2026/3/1 下午 3:07", "2026/3/1 下午3时7分", "2026-3-1 3:07 PM", "2026/3/1 PM 3:07", "2026/3/1 3:07:00 p.m.",
        "2026年3月1日 下午15:07", "2026/3/1 15:07", "2026年3月1日15时07分",
    ],
)  # fmt: skip
def test_afternoons_are_read_in_twelve_hours_too(value: str) -> None:
    assert moment_of(value) == SEVEN_PAST_THREE


@pytest.mark.parametrize(
    ("value", "hour", "minute"),
    [("上午 12:05", 0, 5), ("凌晨0:05", 0, 5), ("中午 12:05", 12, 5), ("中午1:05", 13, 5), ("12:05 AM", 0, 5),
     ("12:05 PM", 12, 5), ("下午12:05", 12, 5)],
)  # fmt: skip
def test_twelve_oclock_is_in_its_half_of_the_day(value: str, hour: int, minute: int) -> None:
    assert moment_of(f"2026/3/1 {value}") == MIDNIGHT.replace(hour=hour, minute=minute)


@pytest.mark.parametrize(
    "value", ["2026/3/1", "2026.3.1", "20260301", 20260301, 20260301.0, "2026年3月1日", "46082", 46082,
              "二〇二六年三月一日", "2026-02-28 24:00", "2026年2月28日24时"]
)  # fmt: skip
def test_a_day_alone_begins_at_midnight(value: Any) -> None:
    assert moment_of(value) == MIDNIGHT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01T08:30:00Z", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("2026-03-01 08:30:00+08:00", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("2026/3/1 8:30 +0800", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("2026/3/1 8:30 UTC+8", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("北京时间2026年3月1日8时30分", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("Sun Mar 01 2026 08:30:00 GMT+0800 (中国标准时间)", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        (1772325000, datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
        ("1772325000000", datetime(2026, 3, 1, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_zone_in_the_text_counts(value: Any, expected: datetime) -> None:
    assert moment_of(value).astimezone(UTC) == expected


@pytest.mark.parametrize("value", ["1/2/2026", "01/02/2026 8:30", "1.2.2026", "26/3/1", "1/2/26", "03-04-2026 08:00"])
def test_an_order_that_is_not_plain_is_asked_for(value: str) -> None:
    with pytest.raises(NotATime) as refused:
        read_written(value)
    assert refused.value.code == "time.ambiguous"


@pytest.mark.parametrize(
    ("value", "form", "month", "day"),
    [
        ("1/2/2026", "dmy", 2, 1), ("1/2/2026", "mdy", 1, 2), ("1/2/26", "日/月/年", 2, 1), ("26/3/1", "ymd", 3, 1),
        ("1.2.2026 08:30", "%d.%m.%Y %H:%M", 2, 1), ("01/02/2026", "DD/MM/YYYY", 2, 1), ("25/12/2026", None, 12, 25),
        ("12/25/2026", None, 12, 25), ("2/2/2026", None, 2, 2), ("2026/1/2", "dmy", 1, 2), ("1/2/2026", "d/m/y", 2, 1),
    ],
)  # fmt: skip
def test_the_stated_order_counts_where_the_text_leaves_it_open(
    value: str, form: str | None, month: int, day: int
) -> None:
    found = moment_of(value, form)
    assert (found.year, found.month, found.day) == (2026, month, day)


@pytest.mark.parametrize("form", ["", "my", "%q", "tomorrow", "yyyy"])
def test_a_format_that_is_none_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        DateFormat.of(form)


@pytest.mark.parametrize(
    "value",
    ["yesterday", "2026", "2026/13/1", "2026/2/30", "3月1日", "2026/3/1 25:00", "2026/3/1 8:61", "上午 13:00",
     "2026-3-18:30", "-", "12", True, "2026/3/1 8:", "99999999", "2026/3/1 下午", "1e400", "昨天"],
)  # fmt: skip
def test_what_is_no_time_is_refused(value: Any) -> None:
    with pytest.raises(NotATime) as refused:
        moment_of(value)
    assert refused.value.code in ("time.broken", "time.no_day")


def test_a_workbook_that_counts_from_1904_is_four_years_later() -> None:
    assert moment_of(46082.5 - 1462, from_1904=True) == moment_of(46082.5) == moment_of(46082.5 - 1462, "1904")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["2026/3/1", "8:30"], HALF_PAST_EIGHT),
        (["2026-03-01T00:00:00", "08:30:00"], HALF_PAST_EIGHT),
        (["8:30", "2026/3/1"], HALF_PAST_EIGHT),
        ([46082, 0.3541666667], HALF_PAST_EIGHT),
        (["2026/3/1 8:30", "2026年3月1日"], HALF_PAST_EIGHT),
        (["2026/3/1", "下午3点7分"], SEVEN_PAST_THREE),
        (["8:30"], "time.no_day"),
        (["2026/3/1 8:30", "9:00"], "time.conflict"),
        (["2026/3/1", "2026/3/2 8:30"], "time.conflict"),
    ],
)
def test_a_day_and_a_time_of_day_in_two_columns_are_joined(parts: list[Any], expected: datetime | str) -> None:
    if isinstance(expected, datetime):
        assert joined(map(read_written, parts)) == expected
        return
    with pytest.raises(NotATime) as refused:
        joined(map(read_written, parts))
    assert refused.value.code == expected


WRITINGS = (
    "{0:%Y-%m-%d %H:%M:%S}",
    "{0.year}/{0.month}/{0.day} {0.hour}:{0:%M:%S}",
    "{0.year}年{0.month}月{0.day}日{0.hour}时{0.minute}分{0.second}秒",
    "{0:%Y%m%d%H%M%S}",
    "{0:%Y.%m.%d %I:%M:%S %p}",
    "{0:%d-%b-%Y %H:%M:%S}",
)


@given(st.datetimes(datetime(1955, 1, 1), datetime(2099, 12, 31)), st.sampled_from(WRITINGS))  # noqa: DTZ001
def test_every_writing_of_a_moment_gives_the_moment(moment: datetime, writing: str) -> None:
    assert moment_of(writing.format(moment)) == moment.replace(microsecond=0)


@given(st.datetimes(datetime(1955, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_a_count_of_days_gives_the_moment_to_the_millisecond(moment: datetime) -> None:
    days = (moment - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    assert abs(moment_of(days) - moment) <= timedelta(milliseconds=1)


@given(st.text(alphabet="0129/-.:, 年月日时点分半十一上下午TZ+PAM星期e", max_size=24))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(NotATime):
        assert isinstance(read_written(text), Written)


def test_a_zone_of_the_text_is_kept() -> None:
    assert moment_of("2026-03-01 08:30+09:00").tzinfo == timezone(timedelta(hours=9))
