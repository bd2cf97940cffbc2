"""Write cameras, inside the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import geometry_text
from layers.cameras.rules import CameraRecord, SaidOfCamera
from layers.cameras.tables import Camera
from layers.listing import Listed, upsert_by_code

WRITE_STATES = text(
    """
    INSERT INTO camera_states (camera_id, online, said_at, heard_at)
    SELECT DISTINCT ON (c.id) c.id, said.online, said.said_at, said.heard_at
    FROM unnest(
        CAST(:codes AS text[]), CAST(:online AS boolean[]), CAST(:said AS timestamptz[]), CAST(:heard AS timestamptz[])
    ) AS said (code, online, said_at, heard_at)
    JOIN cameras c ON c.code = said.code
    ORDER BY c.id, said.said_at DESC, said.heard_at DESC NULLS LAST
    ON CONFLICT (camera_id) DO UPDATE SET online = excluded.online, said_at = excluded.said_at,
        heard_at = excluded.heard_at
        WHERE camera_states.said_at <= excluded.said_at
    RETURNING camera_id
    """
)


async def write_states(session: AsyncSession, said: Sequence[SaidOfCamera]) -> int:
    """Store what was said of cameras, by code; return for how many. Unknown codes, and what is older than what is
    stored, are left out.
    """
    if not said:
        return 0
    columns: dict[str, list[Any]] = {
        "codes": [one.code for one in said],
        "online": [one.online for one in said],
        "said": [one.said_at for one in said],
        "heard": [one.heard_at for one in said],
    }
    return len((await session.execute(WRITE_STATES, columns)).all())


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
        "level": record.level,
        "ptz": record.ptz,
        "geom": geometry_text(record.point),
        "division_path": record.division_path,
    }
