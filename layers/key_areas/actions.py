"""Write key areas, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import geometry_text
from layers.key_areas.rules import KeyAreaRecord
from layers.key_areas.tables import KeyArea
from layers.listing import Listed, upsert_by_code


async def register_many(session: AsyncSession, records: Sequence[KeyAreaRecord]) -> Listed:
    """Insert key areas, or update those with the same code. Of several records with one code the last one is stored."""
    return await upsert_by_code(session, KeyArea, [_row(record) for record in records])


def _row(record: KeyAreaRecord) -> dict[str, Any]:
    return {
        "code": record.code,
        "kind": record.kind,
        "name": record.name,
        "geom": geometry_text(record.outline),
        "division_path": record.division_path,
    }
