"""Cover: who is left in each town when forces go, and which move mends the worst gap."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from console.clocks.calendar import read_calendar
from console.dispatching.cover import Left, Town, cover_of, holds, move_up
from console.dispatching.rules import Candidate
from console.dispatching.terms import DispatchTerms
from console.rosters.terms import Cover
from geo.terms import Names
from tests.worlds import PACK

ZONE = ZoneInfo("Asia/Shanghai")
WEST, EAST = Town("c.w", "West", 120.6, 31.1), Town("c.e", "East", 120.7, 31.1)
COVER = Cover(code="patrols", names=Names(zh="巡防", en="Patrols"), at="town", least=2, kinds=("patrol",))
TERMS: DispatchTerms = PACK.dispatch


def force(number: int, town: Town, kind: str = "patrol", *, lon: float | None = None, duty: str = "on") -> Candidate:
    at = town.lon if lon is None else lon
    return Candidate(number, f"F{number}", kind, "car", duty, (), (), f"{town.path}.v", 0.0, lon=at, lat=town.lat)


FORCES = [
    force(1, WEST),
    force(2, WEST),
    replace(force(3, WEST), busy=True),
    force(4, WEST, "mediator"),
    force(5, EAST),
    force(6, EAST, lon=120.69),
    force(7, EAST),
    force(8, EAST, duty="off"),
]


def left(going: set[int]) -> list[Left]:
    return cover_of([COVER], [WEST, EAST], FORCES, going)


def test_those_on_duty_and_free_count_and_those_who_go_do_not() -> None:
    assert [(one.free, one.left, one.gap) for one in left({1, 3, 4})] == [(2, 1, 1), (3, 3, 0)]


def test_without_a_minimum_all_count_and_nothing_is_a_gap() -> None:
    [west] = cover_of([None], [WEST], FORCES, {1, 2, 4})
    assert (west.free, west.left, west.least, west.gap) == (3, 0, 0, 0)


def test_the_nearest_that_opens_no_gap_mends_the_worst() -> None:
    found = move_up(left({1}), FORCES, {1}, minutes=TERMS.minutes)
    assert found is not None
    assert (found.force.force, found.to.town, found.leaves) == (6, WEST, EAST)
    assert found.minutes == pytest.approx(TERMS.minutes(8576, "car"), abs=0.2)


def test_no_move_where_it_would_tear_a_gap_or_none_is_there() -> None:
    assert move_up(left({1, 5}), FORCES, {1, 5}, minutes=TERMS.minutes) is None
    assert move_up(left(set()), FORCES, set(), minutes=TERMS.minutes) is None


def test_a_minimum_over_midnight_holds_until_its_end() -> None:
    night = COVER.model_copy(update={"hours": ("17:30-08:30",)})

    def at(hour: int, minute: int) -> bool:
        now = datetime(2026, 3, 2, hour, minute, tzinfo=ZONE).astimezone(UTC)
        return holds(night, now=now, zone=ZONE, calendar=read_calendar())

    assert [at(8, 29), at(8, 30), at(17, 29), at(17, 30), at(23, 59)] == [True, False, False, True, True]
    titled = night.model_copy(update={"kinds": (), "titles": ("head",)})
    assert not holds(titled, now=datetime(2026, 3, 2, 0, tzinfo=ZONE), zone=ZONE, calendar=read_calendar())
