"""Reading where forces are, and were."""

from datetime import datetime, timedelta

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ColumnElement, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.forces.tables import Force
from console.positions.rules import Position
from console.positions.tables import Fix, LatestFix

FRESH = timedelta(minutes=10)
"""In a replay, a fix older than this says nothing about where the force was."""


async def latest_positions(session: AsyncSession) -> list[Position]:
    """The latest sound fix of each force that is not off duty, by force."""
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
    """The last sound fix of each force that had come in by `moment` and was fresh then, by force."""
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
        .distinct(Fix.force_id)
        .where(Fix.received_at > moment - FRESH, Fix.received_at <= moment, Fix.flag == "ok")
        .where(Fix.at > moment - FRESH)
        .order_by(Fix.force_id, Fix.at.desc())
    )
    return [Position(*row) for row in rows]


def _x(point: InstrumentedAttribute[WKBElement]) -> ColumnElement[float]:
    return func.ST_X(cast(point, Geometry))


def _y(point: InstrumentedAttribute[WKBElement]) -> ColumnElement[float]:
    return func.ST_Y(cast(point, Geometry))
