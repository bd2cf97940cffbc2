"""Read the versions that divisions have had."""

from datetime import date

import shapely
from sqlalchemy import cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import Ltree
from layers.divisions.changes import Version
from layers.divisions.tables import Division


async def first_day_of(session: AsyncSession, path: str) -> date | None:
    """Return the day on which the lines of a division begin."""
    within = Division.division_path.op("<@")(cast(path, Ltree))
    return (await session.scalars(select(func.min(Division.valid_from)).where(within))).one()


async def read_changed(session: AsyncSession, path: str, *, start: date) -> list[Version]:
    """Read all versions of each division at a path or below that has changed since `start`: began, ended, or both."""
    within = Division.division_path.op("<@")(cast(path, Ltree))
    changed = select(Division.code).where(within, or_(Division.valid_from > start, Division.valid_to.is_not(None)))
    wanted = select(
        Division.code,
        Division.name,
        Division.level,
        Division.parent_code,
        Division.valid_from,
        Division.valid_to,
        func.ST_AsBinary(Division.geom),
    ).where(within, Division.code.in_(changed))
    rows = (await session.execute(wanted.order_by(Division.code, Division.valid_from))).all()
    shapes = shapely.from_wkb([bytes(row[6]) for row in rows]).tolist()
    return [
        Version(code, name, level, parent, first, until, shape)
        for (code, name, level, parent, first, until, _), shape in zip(rows, shapes, strict=True)
    ]
