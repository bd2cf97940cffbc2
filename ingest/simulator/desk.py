"""What the other operators do, so that one person's queue neither empties nor floods. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

KEEP = 9
"""Incidents left unassigned for the person at the screen: those that wait longest, which stand on top of their queue."""
PATIENCE = timedelta(minutes=10)
"""What the person has not served by then, the seats serve."""
WAIT = timedelta(seconds=12)
AT_MOST = 6
SUPPORTED = 0.2
"""The share of incidents to which the seats send a second force."""
HELP = 4


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
    left = [w for w in waiting[:KEEP] if now - w.registered_at >= PATIENCE]
    spare = waiting[KEEP:]
    ripe = [w.incident for w in [*left, *spare] if now - w.registered_at >= WAIT]
    return ripe[: min(max(seats, len(spare) // 4), seats * AT_MOST)] if seats > 0 else []


def roles_for(incident: int, *, seed: int) -> Sequence[str]:
    """The roles that the seats send forces in: one leads, and now and then another supports it."""
    draw = np.random.default_rng([seed, HELP, incident]).random()
    return ("lead", "support") if draw < SUPPORTED else ("lead",)
