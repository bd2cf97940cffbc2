"""Read the positions of forces, now and at earlier times."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, ColumnElement, Text, any_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.forces.tables import Force
from console.positions.rules import Position, TrackedForce, TrailPoint
from console.positions.tables import Fix, LatestFix
from geo.datum import Datum
from geo.fixes import Fix as Point

FRESH = timedelta(minutes=10)
"""A replay ignores fixes older than this."""
TRAIL_STEP = timedelta(seconds=30)
"""A trail has one point in each such step: at most 2,880 a day."""


async def latest_positions(session: AsyncSession) -> list[Position]:
    """List the latest sound fix of each force that is not off duty, by force."""
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
        .where(Force.duty != "off")
        .order_by(LatestFix.force_id)
    )
    return [Position(*row) for row in rows]


async def positions_at(session: AsyncSession, moment: datetime) -> list[Position]:
    """List the last sound fix of each force that had come in by `moment` and was fresh then, by force."""
    rows = await session.execute(
        select(
            Fix.force_id,
            cast(Fix.division_path, Text),
            Fix.at,
            Fix.lon,
            Fix.lat,
            Fix.speed_mps,
            Fix.heading,
            Fix.accuracy_m,
        )
        .ext(distinct_on(Fix.force_id))
        .where(Fix.received_at > moment - FRESH, Fix.received_at <= moment, Fix.flag == "ok")
        .where(Fix.at > moment - FRESH)
        .order_by(Fix.force_id, Fix.at.desc())
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
        .where(
            or_(
                Force.id == any_(cast([*ids], ARRAY(BigInteger))),
                Force.device_id == any_(cast([*devices], ARRAY(Text))),
            )
        )
    )
    return [_tracked(row) for row in rows]


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
