"""Choose incidents for the simulated operators, so that a person's queue neither empties nor floods. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

import numpy as np

LEFT_TO_PERSON = 9
"""Incidents left for the person at the screen: those on top of their queue, by risk and then by age."""
PERSON_DEADLINE = timedelta(minutes=10)
"""Age at which simulated operators serve an incident that was left to the person."""
MIN_AGE = timedelta(seconds=20)
"""Age before which simulated operators leave an incident alone."""
MOST_PER_SEAT = 6
SUPPORT_SHARE = 0.2
"""Share of incidents to which simulated operators send a second force."""
ROLE_STREAM = 4
"""Random stream of the roles."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Incident without a task. `rank` is its risk's place in the pack, the gravest highest."""

    incident: int
    registered_at: datetime
    rank: int = 0

    @property
    def place(self) -> tuple[int, datetime, int]:
        """Place in the queue of the screens."""
        return -self.rank, self.registered_at, self.incident


def incidents_to_serve(queue: Iterable[Waiting], *, now: datetime, seats: int) -> list[int]:
    """Select the incidents that the simulated operators serve now, in the order of the screens' queue.

    The first `LEFT_TO_PERSON` are skipped until `PERSON_DEADLINE`, the others until `MIN_AGE`. A longer queue is served
    faster, up to `MOST_PER_SEAT` incidents a seat.
    """
    waiting = sorted(queue, key=attrgetter("place"))
    left = [w for w in waiting[:LEFT_TO_PERSON] if now - w.registered_at >= PERSON_DEADLINE]
    spare = waiting[LEFT_TO_PERSON:]
    ripe = [w.incident for w in [*left, *spare] if now - w.registered_at >= MIN_AGE]
    return ripe[: min(max(seats, len(spare) // 4), seats * MOST_PER_SEAT)] if seats > 0 else []


def roles_for(incident: int, *, seed: int) -> Sequence[str]:
    """Draw the roles to fill for an incident: a lead, and for `SUPPORT_SHARE` of them also a support."""
    draw = np.random.default_rng([seed, ROLE_STREAM, incident]).random()
    return ("lead", "support") if draw < SUPPORT_SHARE else ("lead",)
