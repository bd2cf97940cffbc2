"""Read the positions of forces, now and at earlier times."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, ColumnElement, Text, and_, any_, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from console.forces.tables import Force
from console.positions.rules import Position, TrackedForce, TrailPoint
from console.positions.tables import Fix, LatestFix
from geo.clocks import CLOCKS_DIFFER
from geo.datum import Datum
from geo.fixes import Fix as Point

FRESH = timedelta(minutes=10)
"""Most forces have a fix newer than this; older ones are looked up force by force."""
OLDER = 20
"""Fixes among which the latest one of a force is looked for: one that came late is not the one seen last."""
TRAIL_STEP = timedelta(seconds=30)
"""A trail has one point in each such step: at most 2,880 a day."""

WAS_LATEST = and_(Fix.became_latest, Fix.flag == "ok")
AS_POSITION = (
    Fix.force_id,
    cast(Fix.division_path, Text),
    Fix.at,
    Fix.lon,
    Fix.lat,
    Fix.speed_mps,
    Fix.heading,
    Fix.accuracy_m,
)


async def latest_positions(session: AsyncSession, *, since: datetime | None = None) -> list[Position]:
    """List the latest sound fix of each force that is not off duty, by force; only those received after `since`."""
    lon, lat = _x(LatestFix.geom), _y(LatestFix.geom)
    rows = await session.execute(
        select(
            LatestFix.force_id,
            cast(LatestFix.division_path, Text),
            LatestFix.at,
            lon,
            lat,
            LatestFix.speed_mps,
            LatestFix.heading,
            LatestFix.accuracy_m,
        )
        .join(Force, Force.id == LatestFix.force_id)
        .where(Force.duty != "off", true() if since is None else LatestFix.received_at > since)
        .order_by(LatestFix.force_id)
    )
    return [Position(*row) for row in rows]


async def positions_at(session: AsyncSession, moment: datetime) -> list[Position]:
    """List the fix of each force that was its latest at `moment` and had come in shortly before, by force."""
    rows = await session.execute(
        select(*AS_POSITION)
        .ext(distinct_on(Fix.force_id))
        .where(Fix.received_at > moment - FRESH, Fix.received_at <= moment, WAS_LATEST)
        .order_by(Fix.force_id, Fix.id.desc())
    )
    return [Position(*row) for row in rows]


async def older_positions_at(session: AsyncSession, moment: datetime, forces: Collection[int]) -> list[Position]:
    """List the fix of each of these forces that was its latest at `moment`, however old, by force."""
    wanted = select(func.unnest(cast([*forces], ARRAY(BigInteger))).label("force_id")).subquery("wanted")
    recent = (
        select(Fix)
        .where(Fix.force_id == wanted.c.force_id, Fix.at <= moment + CLOCKS_DIFFER)
        .where(Fix.received_at <= moment, WAS_LATEST)
        .order_by(Fix.at.desc())
        .limit(OLDER)
        .lateral("recent")
    )
    found = aliased(Fix, recent)
    columns = [getattr(found, name) for name in ("at", "lon", "lat", "speed_mps", "heading", "accuracy_m")]
    rows = await session.execute(
        select(found.force_id, cast(found.division_path, Text), *columns)
        .select_from(wanted)
        .join(recent, true())
        .ext(distinct_on(found.force_id))
        .order_by(found.force_id, found.id.desc())
    )
    return [Position(*row) for row in rows]


async def latest_position(session: AsyncSession, force_id: int) -> Position | None:
    """Return a force's latest sound fix."""
    rows = await session.execute(
        select(
            LatestFix.force_id,
            cast(LatestFix.division_path, Text),
            LatestFix.at,
            _x(LatestFix.geom),
            _y(LatestFix.geom),
            LatestFix.speed_mps,
            LatestFix.heading,
            LatestFix.accuracy_m,
        ).where(LatestFix.force_id == force_id)
    )
    return next((Position(*row) for row in rows), None)


async def trail_of(session: AsyncSession, force_id: int, *, since: datetime, until: datetime) -> Sequence[TrailPoint]:
    """List a force's sound fixes in a span, oldest first, at most one in `TRAIL_STEP`.

    Those of a clock that is ahead are left out, as on every map.
    """
    step = func.date_bin(TRAIL_STEP, Fix.at, since)
    rows = await session.execute(
        select(Fix.at, Fix.lon, Fix.lat)
        .ext(distinct_on(step))
        # By `received_at` the database reads one day's part of the table.
        .where(Fix.force_id == force_id, Fix.flag == "ok", Fix.received_at >= since)
        .where(Fix.at >= since, Fix.at <= until)
        .order_by(step, Fix.at)
    )
    return [TrailPoint(*row) for row in rows]


async def lock_latest(session: AsyncSession, *, devices: Collection[str], ids: Collection[int]) -> None:
    """Lock the latest fixes of the forces with one of these devices or ids, in order of id.

    What is read of the forces afterwards holds until the transaction ends: who moves a force to another division, moves
    its latest fix with it.
    """
    wanted = select(LatestFix.force_id).join(Force, Force.id == LatestFix.force_id).where(_named(devices, ids))
    await session.execute(wanted.order_by(LatestFix.force_id).with_for_update(of=LatestFix))


async def tracked_forces(
    session: AsyncSession, *, devices: Collection[str], ids: Collection[int]
) -> list[TrackedForce]:
    """List the forces with one of these devices or ids, as far as the session may see."""
    rows = await session.execute(
        select(
            Force.id,
            Force.code,
            Force.device_id,
            Force.device_datum,
            Force.duty,
            cast(Force.division_path, Text).label("path"),
            LatestFix.at,
            LatestFix.accuracy_m,
            _x(LatestFix.geom).label("lon"),
            _y(LatestFix.geom).label("lat"),
        )
        .join(LatestFix, LatestFix.force_id == Force.id, isouter=True)
        .where(_named(devices, ids))
    )
    return [_tracked(row) for row in rows]


def _named(devices: Collection[str], ids: Collection[int]) -> ColumnElement[bool]:
    return or_(
        Force.id == any_(cast([*ids], ARRAY(BigInteger))),
        Force.device_id == any_(cast([*devices], ARRAY(Text))),
    )


def _tracked(row: Any) -> TrackedForce:
    return TrackedForce(
        force_id=row.id,
        code=row.code,
        device_id=row.device_id,
        device_datum=None if row.device_datum is None else Datum(row.device_datum),
        duty=row.duty,
        division_path=row.path,
        latest=None if row.at is None else Point(row.lon, row.lat, row.at, accuracy_m=row.accuracy_m),
    )


def _x(point: InstrumentedAttribute[WKBElement]) -> ColumnElement[float]:
    return func.ST_X(cast(point, Geometry))


def _y(point: InstrumentedAttribute[WKBElement]) -> ColumnElement[float]:
    return func.ST_Y(cast(point, Geometry))
