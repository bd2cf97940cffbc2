"""Write cameras, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import geometry_text
from layers.cameras.rules import CameraRecord
from layers.cameras.tables import Camera
from layers.listing import Listed, upsert_by_code


async def register_many(session: AsyncSession, records: Sequence[CameraRecord]) -> Listed:
    """Insert cameras, or update those with the same code. Of several records with one code the last one is stored."""
    return await upsert_by_code(session, Camera, [_row(record) for record in records])


def _row(record: CameraRecord) -> dict[str, Any]:
    return {
        "code": record.code,
        "name": record.name,
        "owner": record.owner,
        "heading": record.heading,
        "fov_deg": record.fov_deg,
        "range_m": record.range_m,
        "online": record.online,
        "geom": geometry_text(record.point),
        "division_path": record.division_path,
    }
