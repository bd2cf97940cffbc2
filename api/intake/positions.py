"""Store position readings and publish the accepted ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Protocol

import numpy as np

from api import metrics
from console.access.rules import Actor, Permission
from console.positions.actions import record_fixes
from console.positions.rules import FlaggedSighting, Position, RefusedSighting, Sighting
from geo.datum import to_wgs84
from geo.fixes import Verdict
from geo.store import Store
from ingest.positions.reading import Reading

SOURCE = "positions.{}"
"""Name of a dialect among the sources of `/api/health`."""


class PositionListener(Protocol):
    """Receives positions once they are committed, and the sources that sent them."""

    def publish_committed(self, positions: Iterable[Position], /, *, now: datetime) -> None: ...

    def record_source(self, source: str, /) -> None: ...


async def report(
    store: Store, listener: PositionListener, actor: Actor, readings: Sequence[Reading], *, now: datetime
) -> list[FlaggedSighting | RefusedSighting]:
    """Store readings in a transaction of their own, then pass those flagged `ok` to `listener`.

    `now` is the system clock's time, with which the devices' times are compared: both follow real time.
    Raises `Forbidden` if the actor may not report positions.
    """
    only = None
    if not actor.may(Permission.REPORT_ANY_POSITION):
        actor.require(Permission.REPORT_OWN_POSITION)
        only = actor.force_id if actor.force_id is not None else 0
    async with store.transaction(actor.reach) as session:
        outcomes = await record_fixes(session, sightings_of(readings), only=only, now=now)
    _publish(listener, outcomes, now=now)
    return outcomes


def sightings_of(readings: Sequence[Reading]) -> list[Sighting]:
    """Convert readings to WGS-84, in their order; coordinates of one datum are converted together."""
    order = sorted(range(len(readings)), key=lambda i: readings[i].datum)
    found: dict[int, Sighting] = {}
    for datum, group in groupby(order, key=lambda i: readings[i].datum):
        places = [*group]
        raw = np.array([(readings[i].x, readings[i].y) for i in places], dtype=np.float64)
        lon, lat = to_wgs84(raw[:, 0], raw[:, 1], datum)
        for i, x, y in zip(places, lon.tolist(), lat.tolist(), strict=True):
            found[i] = _sighting(readings[i], lon=x, lat=y)
    return [found[i] for i in range(len(readings))]


def _sighting(reading: Reading, *, lon: float, lat: float) -> Sighting:
    return Sighting(
        devices=reading.devices,
        force_id=reading.force_id,
        at=reading.at,
        lon=lon,
        lat=lat,
        raw_x=reading.x,
        raw_y=reading.y,
        datum=reading.datum,
        dialect=reading.dialect,
        speed_mps=reading.speed_mps,
        heading=reading.heading,
        accuracy_m=reading.accuracy_m,
        battery=reading.battery,
    )


def _publish(
    listener: PositionListener, outcomes: Sequence[FlaggedSighting | RefusedSighting], *, now: datetime
) -> None:
    flagged = [found for found in outcomes if isinstance(found, FlaggedSighting)]
    listener.publish_committed((found.position for found in flagged if found.flag == Verdict.OK), now=now)
    for flag, count in Counter(found.flag for found in flagged).items():
        metrics.FIXES.labels(flag).inc(count)
    metrics.FIXES.labels("refused").inc(len(outcomes) - len(flagged))
    for dialect in {found.sighting.dialect for found in flagged}:
        listener.record_source(SOURCE.format(dialect))
