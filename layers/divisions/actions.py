"""Write divisions, inside the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import BulkInsert, geometry_text
from layers.divisions.queries import from_day_on
from layers.divisions.rules import NewDivision, StoredVersion, shape_of, superseded, unchanged
from layers.divisions.tables import Division

ADD = BulkInsert(Division)


@dataclass(frozen=True, slots=True)
class Replaced:
    """Counts of divisions that began, that ended (changed ones are in both), and that stayed unchanged."""

    begun: int
    ended: int
    kept: int


async def replace_divisions(
    session: AsyncSession, lines: Sequence[NewDivision], *, from_day: date, ending: Collection[str] = ()
) -> Replaced:
    """Put divisions in force from a day on, in place of those they replace. All must be `valid_from` that day.

    Replaced are the divisions of the same codes, those of the same level under the same parents, and all below a
    division that ends: a list of a village's grids is all its grids. So are those whose codes are `ending`. Versions
    that would begin on that day or later are deleted. An unchanged division keeps its version.
    """
    stored = await _stored_versions(session, day=from_day)
    same = unchanged(stored, lines, day=from_day)
    kept = {row.code for row in stored if row.id in same}
    ended = [row for row in superseded(stored, lines, ending=ending) if row.id not in same]
    await _end(session, ended, day=from_day)
    begun = [line for line in lines if line.code not in kept]
    await add_many(session, begun)
    return Replaced(begun=len(begun), ended=len(ended), kept=len(kept))


async def _stored_versions(session: AsyncSession, *, day: date) -> list[StoredVersion]:
    """List all versions within reach that are in force on `day` or later."""
    rows = await session.execute(select(Division, func.ST_AsBinary(Division.geom)).where(from_day_on(day)))
    return [_stored_version(row, bytes(wkb)) for row, wkb in rows]


def _stored_version(row: Division, wkb: bytes) -> StoredVersion:
    fields = row.division_path, row.level, row.name, row.households, row.enterprises, row.generated, row.source
    return StoredVersion(
        id=row.id,
        code=row.code,
        level=row.level,
        path=row.division_path,
        valid_from=row.valid_from,
        is_open=row.valid_to is None,
        content=(*fields, row.properties, shape_of(shapely.from_wkb(wkb))),
    )


async def _end(session: AsyncSession, rows: Sequence[StoredVersion], *, day: date) -> None:
    """End versions on `day`; delete those that would begin on it or later."""
    begun = [row.id for row in rows if row.valid_from < day]
    future = [row.id for row in rows if row.valid_from >= day]
    options = {"synchronize_session": False}
    await session.execute(delete(Division).where(Division.id.in_(future)), execution_options=options)
    ending = update(Division).where(Division.id.in_(begun)).values(valid_to=day)
    await session.execute(ending, execution_options=options)


async def add_many(session: AsyncSession, lines: Sequence[NewDivision]) -> None:
    """Insert divisions that are in force from their first day on. The database refuses two versions of a code for one
    day.

    The caller has checked that they nest and leave no gap: only it knows which belong together.
    """
    if lines:
        await ADD.run(session, map(_row, lines))


def _row(line: NewDivision) -> dict[str, Any]:
    return {
        "code": line.code,
        "level": line.level,
        "name": line.name,
        "parent_code": line.parent_code,
        "division_path": line.path,
        "valid_from": line.valid_from,
        "valid_to": None,
        "geom": geometry_text(line.geometry),
        "label_point": geometry_text(line.label_point),
        "area_m2": line.area_m2,
        "generated": line.generated,
        "source": line.source,
        "households": line.households,
        "enterprises": line.enterprises,
        "properties": dict(line.properties),
    }
