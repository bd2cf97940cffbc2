"""Write networks, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.networks.queries import from_day_on
from console.networks.rules import AreaRecord, StoredArea, content_of, replaced
from console.networks.tables import NetworkArea
from geo.store import BulkInsert, geometry_text
from layers.divisions.rules import shape_of

ADD = BulkInsert(NetworkArea)


@dataclass(frozen=True, slots=True)
class Replaced:
    """Counts of areas that began, that ended (changed ones are in both), and that stayed unchanged."""

    begun: int
    ended: int
    kept: int


async def replace_networks(session: AsyncSession, records: Sequence[AreaRecord], *, from_day: date) -> Replaced:
    """Put the whole networks of the sectors of these areas in force from a day on, in place of those before."""
    stored = await _stored(session, {one.sector for one in records}, day=from_day)
    change = replaced(stored, records, day=from_day)
    for day, ids in change.ending.items():
        ended = update(NetworkArea).where(NetworkArea.id.in_(ids)).values(valid_to=day)
        await session.execute(ended, execution_options={"synchronize_session": False})
    if change.begun:
        await ADD.run(session, map(_row, change.begun))
    return Replaced(begun=len(change.begun), ended=sum(map(len, change.ending.values())), kept=change.kept)


async def _stored(session: AsyncSession, sectors: set[str], *, day: date) -> list[StoredArea]:
    wanted = select(NetworkArea, func.ST_AsBinary(NetworkArea.geom)).where(
        NetworkArea.sector.in_(sectors), from_day_on(day)
    )
    return [
        StoredArea(
            id=row.id,
            sector=row.sector,
            code=row.code,
            valid_from=row.valid_from,
            is_open=row.valid_to is None,
            content=content_of(row, shape=shape_of(shapely.from_wkb(bytes(wkb)))),
        )
        for row, wkb in await session.execute(wanted)
    ]


def _row(area: AreaRecord) -> dict[str, Any]:
    return {
        "sector": area.sector,
        "code": area.code,
        "name": area.name,
        "organisation": area.organisation,
        "worker": area.worker,
        "worker_code": area.worker_code,
        "counts": dict(area.counts),
        "division_path": area.division_path,
        "touches": list(area.touches),
        "valid_from": area.valid_from,
        "valid_to": None,
        "geom": geometry_text(area.geometry),
    }
