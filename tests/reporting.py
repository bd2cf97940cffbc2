"""Incidents to send forces to, and fixes of these forces, written directly to the store."""

import itertools
from datetime import datetime, timedelta

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy.ext.asyncio import AsyncSession

from console.forces.tables import Force
from console.incidents.tables import Incident
from console.positions.tables import LatestFix
from geo.cells import cell_of
from geo.store import Reach, Store
from tests.worlds import NOW, ROOT, World

numbers = itertools.count(1)


async def report(store: Store, world: World, path: str, *, category: str = "dispute.family", at: datetime = NOW) -> int:
    """Commit a registered incident in the middle of a micro-grid; answer its id."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        return await add_incident(session, world, path, category=category, at=at)


async def add_incident(
    session: AsyncSession,
    world: World,
    path: str,
    *,
    category: str = "dispute.family",
    risk: str = "low",
    level: str = "village",
    at: datetime = NOW,
) -> int:
    """`report` inside the caller's transaction."""
    lon, lat = world.middle_of(path)
    *_, village, grid, _ = path.split(".")
    incident = Incident(
        case_code=f"T{next(numbers):08d}",
        source="test",
        category=category,
        risk=risk,
        level=level,
        title="邻里争吵",
        description="",
        status="registered",
        geom=from_shape(shapely.Point(lon, lat), srid=4326),
        raw_x=lon,
        raw_y=lat,
        datum="wgs84",
        cell=cell_of(lon, lat),
        grid_code=grid,
        village_code=village,
        division_path=path,
        occurred_at=at,
        registered_at=at,
        first_due_at=at + timedelta(minutes=30),
        version=1,
    )
    session.add(incident)
    await session.flush()
    return incident.id


async def place(store: Store, world: World, code: str, path: str, *, at: datetime = NOW) -> None:
    """Commit a latest fix of a force in the middle of a division."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        force = await session.get_one(Force, world.forces[code])
        fix = LatestFix(
            force_id=force.id,
            at=at,
            received_at=at,
            geom=from_shape(shapely.Point(*world.middle_of(path)), srid=4326),
            division_path=force.division_path,
        )
        await session.merge(fix)
