"""Drawing divisions, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from geoalchemy2.shape import from_shape
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import SRID
from layers.divisions.rules import NewDivision
from layers.divisions.tables import Division


async def add_many(session: AsyncSession, lines: Sequence[NewDivision]) -> None:
    """Add lines that hold from their first day on. The database refuses two versions of a code for one day.

    Whether they nest and leave no gap is the caller's to have checked: only it knows what belongs together.
    """
    if lines:
        await session.execute(insert(Division), [_row(line) for line in lines])


def _row(line: NewDivision) -> dict[str, Any]:
    return {
        "code": line.code,
        "level": line.level,
        "name": line.name,
        "parent_code": line.parent_code,
        "division_path": line.path,
        "valid_from": line.valid_from,
        "valid_to": None,
        "geom": from_shape(line.geometry, srid=SRID),
        "label_point": from_shape(line.label_point, srid=SRID),
        "area_m2": line.area_m2,
        "generated": line.generated,
        "source": line.source,
        "households": line.households,
        "enterprises": line.enterprises,
        "properties": dict(line.properties),
    }
