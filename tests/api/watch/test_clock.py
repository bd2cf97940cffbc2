"""The server's clock never goes backwards, whatever becomes of the system's."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.watch.clock import LITTLE_AHEAD, PACE, SteadyClock
from tests.worlds import NOW, Clock

seconds = st.floats(min_value=0, max_value=10_000)
steps = st.floats(min_value=-100_000, max_value=100_000)


def steady(system: Clock) -> SteadyClock:
    return SteadyClock(system, elapsed=system.elapsed)


@given(st.lists(st.tuples(seconds, steps)))
def test_no_sequence_of_steps_takes_it_back_or_stops_it(moves: list[tuple[float, float]]) -> None:
    system = Clock()
    now = steady(system)
    for passed, by in moves:
        before = now()
        system.turn(seconds=passed)
        system.set(seconds=by)
        assert now() - before >= PACE * timedelta(seconds=passed) - timedelta(microseconds=2)
        assert now() >= system()


def test_it_follows_a_system_clock_that_goes_evenly_or_is_set_forward() -> None:
    system = Clock()
    now = steady(system)
    system.turn(hours=5)
    assert now() == system()
    system.set(days=3)
    assert now() == system() and now.lead == timedelta()


def test_after_a_step_back_it_goes_on_and_the_system_clock_catches_up() -> None:
    system = Clock()
    now = steady(system)
    system.set(minutes=-1)
    assert now() == NOW and now.lead == timedelta(minutes=1)
    system.turn(minutes=50)
    assert now.lead == timedelta(seconds=30)
    system.turn(minutes=51)
    assert now() == system() and now.lead == timedelta()


def test_a_step_back_that_is_set_right_again_leaves_no_trace() -> None:
    system = Clock()
    now = steady(system)
    system.set(hours=-1)
    system.turn(minutes=10)
    now()
    system.set(hours=1)
    assert now() == NOW + timedelta(minutes=10)


def test_a_start_goes_on_from_the_store_when_that_is_a_little_ahead() -> None:
    system = Clock()
    now = steady(system)
    now.go_on_from(NOW - timedelta(days=1))
    assert now() == NOW
    now.go_on_from(NOW + timedelta(minutes=3))
    assert now() == NOW + timedelta(minutes=3)


def test_a_store_that_is_far_ahead_was_written_by_a_wrong_clock_and_is_not_followed() -> None:
    now = steady(Clock())
    now.go_on_from(NOW + LITTLE_AHEAD + timedelta(seconds=1))
    assert now() == NOW
