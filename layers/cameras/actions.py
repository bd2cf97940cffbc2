"""Write cameras, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from geoalchemy2.shape import from_shape
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import SRID
from layers.cameras.rules import CameraRecord
from layers.cameras.tables import Camera

UPDATED_COLUMNS = ("name", "owner", "heading", "fov_deg", "range_m", "online", "geom", "division_path")


async def register_many(session: AsyncSession, records: Sequence[CameraRecord]) -> None:
    """Insert cameras, or update those with the same code. Of several records with one code the last one is stored."""
    rows = [_row(record) for record in {record.code: record for record in records}.values()]
    if rows:
        statement = insert(Camera)
        listed = {name: statement.excluded[name] for name in UPDATED_COLUMNS}
        await session.execute(statement.on_conflict_do_update(index_elements=[Camera.code], set_=listed), rows)


def _row(record: CameraRecord) -> dict[str, Any]:
    return {
        "code": record.code,
        "name": record.name,
        "owner": record.owner,
        "heading": record.heading,
        "fov_deg": record.fov_deg,
        "range_m": record.range_m,
        "online": record.online,
        "geom": from_shape(record.point, srid=SRID),
        "division_path": record.division_path,
    }
