"""Which SOS is a new alarm."""

from datetime import timedelta

import pytest

from console.alarms.rules import Effect, KnownAlarm, SosCall, effect_of
from tests.worlds import NOW

MINUTE = timedelta(minutes=1)
OPEN = KnownAlarm(4, sent_at=NOW, last_sent_at=NOW + MINUTE, acknowledged_at=None)
CLOSED = KnownAlarm(3, sent_at=NOW, last_sent_at=NOW + MINUTE, acknowledged_at=NOW + 5 * MINUTE)
AHEAD = KnownAlarm(2, sent_at=NOW + 480 * MINUTE, last_sent_at=NOW + 480 * MINUTE, acknowledged_at=NOW + MINUTE)


@pytest.mark.parametrize(
    ("minutes", "known", "effect"),
    [
        (0, [], Effect.RAISE),
        (0, [OPEN], Effect.KNOWN),
        (2, [OPEN], Effect.UPDATE),
        (-5, [OPEN], Effect.KNOWN),
        (2, [OPEN, CLOSED], Effect.UPDATE),
        (0, [CLOSED], Effect.KNOWN),
        (4, [CLOSED], Effect.KNOWN),  # Sent before it was acknowledged, kept by the phone until now
        (6, [CLOSED], Effect.RAISE),
        (-5, [CLOSED], Effect.RAISE),
        (480, [AHEAD], Effect.KNOWN),
        (2, [AHEAD], Effect.RAISE),  # A clock that was wrong once hides no later call
    ],
)
def test_a_call_is_new_unless_it_is_part_of_an_alarm(minutes: int, known: list[KnownAlarm], effect: Effect) -> None:
    at = NOW + minutes * MINUTE
    assert effect_of(SosCall(1, at), known, now=max(at, NOW + 6 * MINUTE))[0] is effect


@pytest.mark.parametrize(("minutes", "effect"), [(0, Effect.KNOWN), (1, Effect.KNOWN), (4, Effect.RAISE)])
def test_a_clock_that_is_behind_hides_no_later_call(minutes: int, effect: Effect) -> None:
    assert effect_of(SosCall(1, NOW + minutes * MINUTE), [CLOSED], now=NOW + 480 * MINUTE)[0] is effect
