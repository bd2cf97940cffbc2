"""What the other operators do, so that one person's queue neither empties nor floods. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

LEFT_TO_PERSON = 9
"""Incidents left unassigned for the person at the screen: those that wait longest, which stand on top of their queue."""
PERSON_DEADLINE = timedelta(minutes=10)
"""What the person has not served by then, the seats serve."""
MIN_AGE = timedelta(seconds=12)
MOST_PER_SEAT = 6
SUPPORT_SHARE = 0.2
"""The share of incidents to which the seats send a second force."""
ROLE_STREAM = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """An incident that nobody was sent to yet."""

    incident: int
    registered_at: datetime


def incidents_to_serve(queue: Iterable[Waiting], *, now: datetime, seats: int) -> list[int]:
    """The incidents that the other seats serve now: not the ones on top of the queue, which the person is looking at,
    unless those have been left for long; and no other before it has waited a while.

    The more there are, the more they take at once, up to six a seat.
    """
    waiting = sorted(queue, key=lambda w: (w.registered_at, w.incident))
    left = [w for w in waiting[:LEFT_TO_PERSON] if now - w.registered_at >= PERSON_DEADLINE]
    spare = waiting[LEFT_TO_PERSON:]
    ripe = [w.incident for w in [*left, *spare] if now - w.registered_at >= MIN_AGE]
    return ripe[: min(max(seats, len(spare) // 4), seats * MOST_PER_SEAT)] if seats > 0 else []


def roles_for(incident: int, *, seed: int) -> Sequence[str]:
    """The roles that the seats send forces in: one leads, and now and then another supports it."""
    draw = np.random.default_rng([seed, ROLE_STREAM, incident]).random()
    return ("lead", "support") if draw < SUPPORT_SHARE else ("lead",)
