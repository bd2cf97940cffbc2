"""Read networks as they are on a day, within the caller's reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.networks.tables import NetworkArea
from geo.store import SRID
from layers.divisions.queries import Bbox


@dataclass(frozen=True, slots=True)
class StoredNetworkArea:
    """An area with its boundary, in degrees."""

    id: int
    sector: str
    code: str
    name: str
    organisation: str
    worker: str
    worker_code: str
    counts: Mapping[str, int]
    valid_from: date
    touches: Sequence[str]
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class SectorSummary:
    """A sector's network: how many areas it has and since when it is as it is."""

    sector: str
    areas: int
    since: date


def on_day(day: date) -> ColumnElement[bool]:
    """Clause: in force on a day."""
    return (NetworkArea.valid_from <= day) & or_(NetworkArea.valid_to.is_(None), NetworkArea.valid_to > day)


def from_day_on(day: date) -> ColumnElement[bool]:
    """Clause: in force on a day or on any later one."""
    return or_(
        NetworkArea.valid_to.is_(None),
        (NetworkArea.valid_to > day) & (NetworkArea.valid_to > NetworkArea.valid_from),
    )


async def summaries(session: AsyncSession, *, day: date) -> Sequence[SectorSummary]:
    """Return the sectors that have a network on a day."""
    wanted = (
        select(NetworkArea.sector, func.count(), func.max(NetworkArea.valid_from))
        .where(on_day(day))
        .group_by(NetworkArea.sector)
        .order_by(NetworkArea.sector)
    )
    return [SectorSummary(*row) for row in await session.execute(wanted)]


async def read_areas(
    session: AsyncSession, box: Bbox, *, day: date, sector: str | None = None
) -> list[StoredNetworkArea]:
    """Read the areas that come near a box on a day; of one sector, or of all.

    By place, not by the grids that they lay in when they were imported: these may have ended since.
    """
    near = NetworkArea.geom.op("&&")(func.ST_MakeEnvelope(*box, SRID))
    wanted = select(NetworkArea, func.ST_AsBinary(NetworkArea.geom)).where(near, on_day(day))
    if sector is not None:
        wanted = wanted.where(NetworkArea.sector == sector)
    rows = (await session.execute(wanted.order_by(NetworkArea.sector, NetworkArea.code))).all()
    shapes = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return [_stored(row, shape) for (row, _), shape in zip(rows, shapes, strict=True)]


def _stored(row: NetworkArea, shape: BaseGeometry) -> StoredNetworkArea:
    return StoredNetworkArea(
        id=row.id,
        sector=row.sector,
        code=row.code,
        name=row.name,
        organisation=row.organisation,
        worker=row.worker,
        worker_code=row.worker_code,
        counts=row.counts,
        valid_from=row.valid_from,
        touches=row.touches,
        shape=shape,
    )


async def networks_version(session: AsyncSession, *, day: date) -> str:
    """Return a version of the areas within reach on a day: it changes whenever one of them does."""
    counted = select(func.max(NetworkArea.id), func.count()).where(on_day(day))
    last, count = (await session.execute(counted)).one()
    return f"{last or 0}-{count}"
