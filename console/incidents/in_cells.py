"""List the incidents behind a hotspot: those of one H3 cell and one window of time, as the cell counts them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from geoalchemy2 import Geometry
from sqlalchemy import cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cursors import id_of, page_of
from console.incidents.queries import Filter, chosen_by
from console.incidents.tables import Incident
from geo.cells import point_cells, resolution, ring


@dataclass(frozen=True, slots=True)
class Behind:
    """A cell of a counted resolution, and when its incidents occurred: from `start` to `end` (exclusive)."""

    cell: int
    start: datetime
    end: datetime
    category: str | None = None


async def list_in_cell(
    session: AsyncSession, actor: Actor, behind: Behind, *, limit: int, cursor: str | None = None
) -> tuple[Sequence[Incident], str | None]:
    """Return a page of the incidents of a cell within reach, newest first, and the cursor of the next.

    They are those that the cell counts, to the last on its edge. Raises `Forbidden`, `BadCursor`.
    """
    actor.require(Permission.READ_INCIDENTS)
    below = id_of(cursor) if cursor is not None else None
    ids = [each for each in await _ids_in(session, behind) if below is None or each < below]
    wanted = select(Incident).where(Incident.id.in_(ids[: limit + 1])).order_by(Incident.id.desc())
    return page_of((await session.scalars(wanted)).all(), limit=limit)


async def _ids_in(session: AsyncSession, behind: Behind) -> list[int]:
    """Return ids, the highest first. The database knows no hexagons: it returns those of a box around."""
    lons, lats = zip(*ring(behind.cell), strict=True)
    box = (min(lons), min(lats), max(lons), max(lats))
    point = cast(Incident.geom, Geometry)
    columns = select(Incident.id, func.ST_X(point), func.ST_Y(point))
    around = chosen_by(columns, Filter(category=behind.category, bbox=box))
    when = (Incident.occurred_at >= behind.start, Incident.occurred_at < behind.end)
    rows = (await session.execute(around.where(*when).order_by(Incident.id.desc()))).all()
    return await asyncio.to_thread(_inside, [(int(i), float(x), float(y)) for i, x, y in rows], behind.cell)


def _inside(points: Sequence[tuple[int, float, float]], cell: int) -> list[int]:
    res = resolution(cell)
    return [each for each, lon, lat in points if point_cells(lon, lat).at(res) == cell]
