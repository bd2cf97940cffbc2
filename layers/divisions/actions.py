"""Drawing divisions, inside the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geoalchemy2.shape import from_shape
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import SRID
from layers.divisions.queries import from_day_on
from layers.divisions.rules import NewDivision, Standing, superseded, unchanged
from layers.divisions.tables import Division


@dataclass(frozen=True, slots=True)
class Replaced:
    """How many lines began, how many ended (those that began anew among them), and how many stayed as they were."""

    begun: int
    ended: int
    kept: int


async def replace_divisions(
    session: AsyncSession, lines: Sequence[NewDivision], *, from_day: date, ending: Collection[str] = ()
) -> Replaced:
    """From a day on, let these lines hold in place of those they replace. All must be `valid_from` that day.

    Replaced are the lines of the same codes, and those of the same level under the same parents, with all below what
    is no more: a list of a village's grids is all its grids. So are those whose codes are `ending`. What was to begin
    on that day or later never begins. A line that is as it was stays the version it is.
    """
    standing = await _standing(session, day=from_day)
    same = unchanged(standing, lines, day=from_day)
    kept = {row.code for row in standing if row.id in same}
    ended = [row for row in superseded(standing, lines, ending=ending) if row.id not in same]
    await _end(session, ended, day=from_day)
    begun = [line for line in lines if line.code not in kept]
    await add_many(session, begun)
    return Replaced(begun=len(begun), ended=len(ended), kept=len(kept))


async def _standing(session: AsyncSession, *, day: date) -> list[Standing]:
    """All versions within reach that would still hold on `day` or later."""
    rows = await session.execute(select(Division, func.ST_AsBinary(Division.geom)).where(from_day_on(day)))
    return [_standing_of(row, bytes(wkb)) for row, wkb in rows]


def _standing_of(row: Division, wkb: bytes) -> Standing:
    said = row.division_path, row.level, row.name, row.households, row.enterprises, row.generated, row.source
    return Standing(
        id=row.id,
        code=row.code,
        level=row.level,
        path=row.division_path,
        valid_from=row.valid_from,
        is_open=row.valid_to is None,
        told=(*said, row.properties, wkb),
    )


async def _end(session: AsyncSession, rows: Sequence[Standing], *, day: date) -> None:
    """Let versions end on `day`; those that would begin on it or later were never in force, and go."""
    begun = [row.id for row in rows if row.valid_from < day]
    to_come = [row.id for row in rows if row.valid_from >= day]
    as_they_are = {"synchronize_session": False}
    await session.execute(delete(Division).where(Division.id.in_(to_come)), execution_options=as_they_are)
    ending = update(Division).where(Division.id.in_(begun)).values(valid_to=day)
    await session.execute(ending, execution_options=as_they_are)


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
