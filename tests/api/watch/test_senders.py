"""Counts of refused items by account, and when they expire."""

from api.watch.senders import FAILING_FROM, MOST_SENDERS, WINDOW_SECONDS, Senders


class Watch:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.passed = 0.0

    def __call__(self) -> float:
        return self.passed


def test_a_sender_fails_when_most_of_at_least_twenty_items_are_refused() -> None:
    senders = Senders(Watch())
    senders.record("clumsy", taken=FAILING_FROM + 1, refused=FAILING_FROM)
    senders.record("seldom", taken=0, refused=FAILING_FROM - 1)
    senders.record("broken", taken=FAILING_FROM - 1, refused=FAILING_FROM)
    assert [(state.sender, state.is_failing) for state in senders.states()] == [
        ("broken", True),
        ("clumsy", False),
        ("seldom", False),
    ]


def test_a_sender_recovers_after_ten_minutes() -> None:
    watch = Watch()
    senders = Senders(watch)
    for _ in range(60):
        senders.record("hotline", taken=0, refused=10)
        watch.passed += 60
    (state,) = senders.states()
    assert state.is_failing and state.refused <= 10 * (WINDOW_SECONDS / 60 + 1)
    watch.passed += WINDOW_SECONDS
    senders.record("hotline", taken=1, refused=0)
    (state,) = senders.states()
    assert (state.taken, state.refused, state.is_failing) == (1, 0, False)
    watch.passed += WINDOW_SECONDS + 60
    assert senders.states() == []


def test_the_number_of_senders_is_bounded() -> None:
    senders = Senders(Watch())
    for number in range(2 * MOST_SENDERS):
        senders.record(f"sender {number}", taken=1, refused=0)
    assert len(senders.states()) == MOST_SENDERS
