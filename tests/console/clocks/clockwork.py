"""Clocks of tests: the calendar that ships, ordinary office hours, and limits by a word."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from console.clocks.calendar import read_calendar
from console.clocks.rules import Pause, Running, Schedule, schedule_of
from console.clocks.terms import ClockTerm, Hours
from console.clocks.walking import ORDINARY, WorkedTimes

ZONE = ZoneInfo("Asia/Shanghai")
TIMES = WorkedTimes(read_calendar(), ZONE)
OFFICE = ORDINARY
SOURCE = {"kind": "rule", "cite": "本地规则", "names": {"zh": "本地规则", "en": "Local rule"}}
LAW = {"kind": "law", "cite": "民法典第二百零三条", "names": {"zh": "民法典", "en": "Civil Code"}}


def local(text: str) -> datetime:
    """A moment in the county: `2026-09-11 15:00`, or a day's midnight."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def told(moment: datetime | None) -> str:
    """A moment as the county's wall clock shows it."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}" if moment else ""


def limit(amount: int, unit: str, **more: Any) -> ClockTerm:
    """A limit as a pack has it."""
    words: dict[str, Any] = {"code": "handling", "names": {"zh": "办理时限", "en": "Handling"}, "starts": "door"}
    return ClockTerm.model_validate({**words, "source": SOURCE, "amount": amount, "unit": unit, **more})


def running(
    term: ClockTerm,
    started: str,
    *,
    hours: Hours | None = OFFICE,
    pauses: tuple[tuple[str, str], ...] = (),
    extended: int = 0,
) -> Running:
    """A clock that began at a local time, with its pauses."""
    kept = tuple(Pause(local(begin), local(end) if end else None) for begin, end in pauses)
    return Running(term, local(started), hours, extended, kept)


def schedule(term: ClockTerm, started: str, *, now: str = "2026-12-01", **more: Any) -> Schedule:
    """When a clock is due."""
    return schedule_of(running(term, started, **more), TIMES, now=local(now))
