"""Decide whether an SOS is a new alarm. Pure.

Phones send an SOS again until they are answered, trackers with every fix while the button is pressed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LATE = timedelta(minutes=30)
"""A call that is older when it comes in was kept by the phone for long, or the phone's clock is behind."""


@dataclass(frozen=True, slots=True)
class SosCall:
    """An SOS of a force at the phone's time `at`, which is not in the future. The place is WGS-84, None where the phone
    had none.
    """

    force_id: int
    at: datetime
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class KnownAlarm:
    """An earlier alarm of the force: the phone's times of its first and last call; open if not acknowledged."""

    id: int
    sent_at: datetime
    last_sent_at: datetime
    acknowledged_at: datetime | None


class Effect(StrEnum):
    """Effect of an SOS: raise an alarm, update the open one, or nothing if it is known."""

    RAISE = "raise"
    UPDATE = "update"
    KNOWN = "known"


def effect_of(call: SosCall, known: Iterable[KnownAlarm], *, now: datetime) -> tuple[Effect, int | None]:
    """Return what a call that comes in `now` does, and the id of the alarm that it is part of.

    A call that was sent before its alarm was acknowledged is part of it. A late one is only if the alarm had it or a
    later one already: a phone's clock that is hours behind must not hide the next SOS for hours.
    """
    is_late = now - call.at > LATE
    for alarm in known:
        if alarm.acknowledged_at is None:
            return (Effect.UPDATE if call.at > alarm.last_sent_at else Effect.KNOWN), alarm.id
        until = alarm.last_sent_at if is_late else max(alarm.last_sent_at, alarm.acknowledged_at)
        if alarm.sent_at <= call.at <= until:
            return Effect.KNOWN, alarm.id
    return Effect.RAISE, None
