"""Write places, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from geoalchemy2.shape import from_shape
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import SRID
from layers.places.rules import PlaceRecord
from layers.places.tables import Place

UPDATED_COLUMNS = ("kind", "name", "geom", "division_path", "properties")


async def register_many(session: AsyncSession, records: Sequence[PlaceRecord]) -> None:
    """Insert places, or update those with the same code. Of several records with one code the last one is stored."""
    rows = [_row(record) for record in {record.code: record for record in records}.values()]
    if rows:
        statement = insert(Place)
        listed = {name: statement.excluded[name] for name in UPDATED_COLUMNS}
        await session.execute(statement.on_conflict_do_update(index_elements=[Place.code], set_=listed), rows)


def _row(record: PlaceRecord) -> dict[str, Any]:
    return {
        "code": record.code,
        "kind": record.kind,
        "name": record.name,
        "geom": from_shape(record.point, srid=SRID),
        "division_path": record.division_path,
        "properties": dict(record.properties),
    }
