"""Points by which roads are compared with a county."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.divisions.terms import GRID
from layers.roads.rules import Place


async def grid_points(session: AsyncSession, *, day: date, most: int = 300) -> list[Place]:
    """Return a point in each of so many grids, the same ones each time."""
    inside = func.ST_PointOnSurface(Division.geom)
    rows = await session.execute(
        select(func.ST_X(inside), func.ST_Y(inside))
        .where(Division.level == GRID, on_day(day))
        .order_by(func.md5(Division.code))
        .limit(most)
    )
    return [(lon, lat) for lon, lat in rows]
