"""Store position readings, raise the alarms among them, and publish the accepted ones."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Protocol

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from api import metrics
from api.intake.device_faults import Fault
from console.access.rules import Actor, Permission
from console.alarms.actions import raise_alarms
from console.alarms.rules import SosCall
from console.forces.queries import codes_of
from console.positions.actions import record_fixes
from console.positions.queries import tracked_forces
from console.positions.rules import (
    OFF_DUTY,
    FlaggedSighting,
    Position,
    RefusedSighting,
    Sighting,
    TrackedForce,
    TrackedForces,
)
from geo.clocks import CLOCKS_DIFFER
from geo.datum import Datum, to_wgs84
from geo.fixes import Verdict
from geo.store import Reach, Store, retry_deadlocks
from ingest.positions.reading import Reading

SOURCE = "positions.{}"
"""Name of a dialect among the sources of `/api/health`."""

NO_PLACE = frozenset({Verdict.MOCK, Verdict.NULL_ISLAND})
"""An SOS with such a position has none: the force's last one says more."""

Outcome = FlaggedSighting | RefusedSighting | TrackedForce
"""Of one reading: a flag, a refusal, or the force alone for an SOS without a place."""


class PositionListener(Protocol):
    """Receives positions once they are committed, the sources that sent them, and what phones do wrong."""

    def publish_committed(self, positions: Iterable[Position], /, *, now: datetime) -> None: ...

    def record_source(self, source: str, /) -> None: ...

    def record_unreadable(self, account: str, /, *, n: int) -> None: ...

    def record_device(self, force: str, fault: Fault | None, /, *, amount: int = 0) -> None: ...


async def report(
    store: Store, listener: PositionListener, actor: Actor, readings: Sequence[Reading], *, now: datetime
) -> list[Outcome]:
    """Store readings in a transaction of their own, then pass those flagged `ok` to `listener`.

    `now` is the system clock's time, with which the devices' times are compared: both follow real time.
    Raises `Forbidden` if the actor may not report positions.
    """
    outcomes = await retry_deadlocks(partial(_stored, store, actor.reach, readings, only=_only(actor), now=now))
    _publish(listener, outcomes, now=now)
    for reading in readings:
        for field in reading.dropped:
            metrics.DROPPED_FIELDS.labels(reading.dialect, field).inc()
    return outcomes


async def _stored(
    store: Store, reach: Reach, readings: Sequence[Reading], *, only: int | None, now: datetime
) -> list[Outcome]:
    async with store.transaction(reach) as session:
        outcomes = await _record(session, readings, only=only, now=now)
        calls = [
            call for reading, found in zip(readings, outcomes, strict=True) if (call := _call(reading, found, now=now))
        ]
        await raise_alarms(session, calls, now=now)
    return outcomes


async def report_unreadable(
    store: Store, listener: PositionListener, actor: Actor, *, devices: Sequence[str], n: int, dialect: str
) -> None:
    """Count messages that cannot be read, for the phone that sent them if it is known, else for the account.

    A phone is known by its force: the actor's own, or the one with one of these devices.
    """
    only = _only(actor)
    metrics.FIXES.labels("unreadable").inc(n)
    listener.record_source(SOURCE.format(dialect))
    async with store.transaction(actor.reach) as session:
        if only is not None:
            codes = [*(await codes_of(session, [only])).values()]
        else:
            codes = [force.code for force in await tracked_forces(session, devices=[*devices], ids=[])]
    if codes:
        for _ in range(n):
            listener.record_device(codes[0], Fault.UNREADABLE)
    else:
        listener.record_unreadable(actor.username, n=n)


def sightings_of(readings: Sequence[Reading]) -> list[Sighting]:
    """Convert readings with a place to WGS-84, in their order; coordinates of one datum are converted together."""
    datums = [reading.datum or reading.usual_datum for reading in readings]
    order = sorted(range(len(readings)), key=lambda i: datums[i])
    found: dict[int, Sighting] = {}
    for datum, group in groupby(order, key=lambda i: datums[i]):
        places = [*group]
        raw = np.array([(readings[i].x, readings[i].y) for i in places], dtype=np.float64)
        lon, lat = to_wgs84(raw[:, 0], raw[:, 1], datum)
        for i, (x, y), place in zip(places, raw.tolist(), zip(lon.tolist(), lat.tolist(), strict=True), strict=True):
            found[i] = _sighting(readings[i], raw=(x, y), place=place, datum=datum)
    return [found[i] for i in range(len(readings))]


def _only(actor: Actor) -> int | None:
    """Return the one force that the actor may report, None for any. Raises `Forbidden`."""
    if actor.may(Permission.REPORT_ANY_POSITION):
        return None
    actor.require(Permission.REPORT_OWN_POSITION)
    return actor.force_id if actor.force_id is not None else 0


async def _record(
    session: AsyncSession, readings: Sequence[Reading], *, only: int | None, now: datetime
) -> list[Outcome]:
    """Record the readings with a place; of those without, an SOS each, find the force."""
    flagged = iter(
        await record_fixes(session, sightings_of([r for r in readings if r.x is not None]), only=only, now=now)
    )
    placeless = [reading for reading in readings if reading.x is None]
    if not placeless:
        return [*flagged]
    devices = {device for reading in placeless for device in reading.devices}
    ids = {reading.force_id for reading in placeless if reading.force_id is not None}
    forces = TrackedForces(await tracked_forces(session, devices=devices, ids=ids), only=only)
    return [forces.of(reading) if reading.x is None else next(flagged) for reading in readings]


def _sighting(reading: Reading, *, raw: tuple[float, float], place: tuple[float, float], datum: Datum) -> Sighting:
    return Sighting(
        devices=reading.devices,
        force_id=reading.force_id,
        at=reading.at,
        lon=place[0],
        lat=place[1],
        raw_x=raw[0],
        raw_y=raw[1],
        datum=datum,
        datum_stated=reading.datum is not None,
        dialect=reading.dialect,
        speed_mps=reading.speed_mps,
        heading=reading.heading,
        accuracy_m=reading.accuracy_m,
        battery=reading.battery,
        mock=reading.mock,
        device_at=reading.device_at,
    )


def _call(reading: Reading, found: Outcome, *, now: datetime) -> SosCall | None:
    """Return the SOS in a reading, if there is one. A clock that is ahead must not hide what is called later."""
    if reading.alarm is None or isinstance(found, RefusedSighting):
        return None
    at = reading.at if reading.at <= now + CLOCKS_DIFFER else now
    if isinstance(found, TrackedForce):
        return SosCall(found.force_id, at)
    seen = found.sighting
    if seen.mock or found.flag in NO_PLACE:
        return SosCall(found.force.force_id, at)
    return SosCall(found.force.force_id, at, lon=seen.lon, lat=seen.lat, accuracy_m=seen.accuracy_m)


def _publish(listener: PositionListener, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    flagged = [found for found in outcomes if isinstance(found, FlaggedSighting)]
    listener.publish_committed((found.position for found in flagged if found.flag == Verdict.OK), now=now)
    for flag, count in Counter(found.flag for found in flagged).items():
        metrics.FIXES.labels(flag).inc(count)
    metrics.FIXES.labels("refused").inc(sum(isinstance(found, RefusedSighting) for found in outcomes))
    for dialect in {found.sighting.dialect for found in flagged}:
        listener.record_source(SOURCE.format(dialect))
    for found in flagged:
        if found.flag != OFF_DUTY:
            fault, ahead = _fault_of(found, now=now)
            listener.record_device(found.force.code, fault, amount=ahead)


def _fault_of(found: FlaggedSighting, *, now: datetime) -> tuple[Fault | None, int]:
    """Return what a fix shows to be wrong with its phone, and by how many seconds its clock is ahead, or behind."""
    seen = found.sighting
    if found.flag == Verdict.FUTURE:
        return Fault.CLOCK, round((seen.at - now).total_seconds())
    if found.flag == Verdict.MOCK:
        return Fault.MOCK, 0
    if seen.device_at is not None and abs(seen.device_at - seen.at) > CLOCKS_DIFFER:
        return Fault.CLOCK_CORRECTED, round((seen.device_at - seen.at).total_seconds())
    return None, 0
