"""Write places, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import geometry_text
from layers.listing import Listed, upsert_by_code
from layers.places.rules import PlaceRecord
from layers.places.tables import Place


async def register_many(session: AsyncSession, records: Sequence[PlaceRecord]) -> Listed:
    """Insert places, or update those with the same code. Of several records with one code the last one is stored."""
    return await upsert_by_code(session, Place, [_row(record) for record in records])


def _row(record: PlaceRecord) -> dict[str, Any]:
    return {
        "code": record.code,
        "kind": record.kind,
        "name": record.name,
        "geom": geometry_text(record.point),
        "division_path": record.division_path,
        "properties": dict(record.properties),
    }
