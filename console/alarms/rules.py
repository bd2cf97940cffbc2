"""Decide whether an SOS is a new alarm. Pure.

Phones send an SOS again until they are answered, trackers with every fix while the button is pressed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SosCall:
    """An SOS of a force at the phone's time `at`. The place is WGS-84, None where the phone had none."""

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
    """What an SOS does: raise a new alarm, bring the open one up to date, or nothing, as it was known."""

    RAISE = "raise"
    UPDATE = "update"
    KNOWN = "known"


def effect_of(call: SosCall, known: Iterable[KnownAlarm]) -> tuple[Effect, int | None]:
    """Return what a call does, and the id of the alarm that it is part of.

    A call that was sent before its alarm was acknowledged is part of it, however late it comes in.
    """
    for alarm in known:
        if alarm.acknowledged_at is None:
            return (Effect.UPDATE if call.at > alarm.last_sent_at else Effect.KNOWN), alarm.id
        if alarm.sent_at <= call.at <= max(alarm.last_sent_at, alarm.acknowledged_at):
            return Effect.KNOWN, alarm.id
    return Effect.RAISE, None
